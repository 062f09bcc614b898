"""Whether a port can be listened at, and what to say if not."""

from __future__ import annotations

import errno
import socket

from netgloss.errors import OptionError

__all__ = ["PORTS", "free_port"]

PORTS = 65536


def free_port(host: str, port: int) -> int:
    """The port, or a free one for 0.

    Granian's processes share their port, so that a second server would not notice the first.

    Args:
        host: The address to listen at.
        port: From 0 to 65535.

    Raises:
        OptionError: The port is in use or not allowed, or the host is not of this machine.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[
            0
        ]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            return int(probe.getsockname()[1])
    except socket.gaierror as fault:
        raise OptionError(f"host '{host}' is unknown; give an address of this machine") from fault
    except OSError as fault:
        raise OptionError(_why_not(fault, host, port)) from fault


def _why_not(fault: OSError, host: str, port: int) -> str:
    if fault.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is in use, perhaps by another server; "
            "stop that one or give another port: --port 8001"
        )
    if fault.errno == errno.EACCES:
        return f"port {port} is for the system only; give one from 1024 up: --port 8000"
    if fault.errno == errno.EADDRNOTAVAIL:
        return f"host '{host}' is not of this machine; give 127.0.0.1 or one of its own addresses"
    return f"port {port} of '{host}' cannot be used: {fault.strerror}"
