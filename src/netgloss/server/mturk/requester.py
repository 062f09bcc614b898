"""The way to Amazon Mechanical Turk: the sandbox or the real market, and what Amazon refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from netgloss.errors import StudyError

__all__ = ["MARKETS", "code_of", "connect", "market_of", "refusals"]

MARKETS = {
    "sandbox": "https://mturk-requester-sandbox.us-east-1.amazonaws.com",
    "live": "https://mturk-requester.us-east-1.amazonaws.com",
}
"""Where requests go: in the sandbox nobody is paid, and only those with an account there look."""

_REGION = "us-east-1"  # Mechanical Turk has no other
_ATTEMPTS = 8  # with growing waits: Amazon slows down who asks more than a few times a second
_SECONDS = 20
_INSTALL = "install what talks to Amazon with: pip install 'netgloss[mturk]'"
_CREDENTIALS = (
    "put those of your requester account into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
    "or into a profile that AWS_PROFILE names"
)


def market_of(live: bool) -> str:
    """``live`` or ``sandbox``.

    Args:
        live: Whether real people are paid real money.
    """
    return "live" if live else "sandbox"


def connect(live: bool = False, endpoint: str = "") -> Any:
    """A boto3 client; Amazon is not asked anything yet.

    Args:
        live: The real market; by default the sandbox.
        endpoint: Another address than Amazon's, for tests. Only this argument sets it: what the
            environment says about endpoints could turn a sandbox into the real market.

    Raises:
        StudyError: boto3 is missing, or the profile that the environment names.
    """
    try:
        import boto3.session
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError as fault:
        raise StudyError(f"Mechanical Turk cannot be asked; {_INSTALL}") from fault
    patient = Config(
        retries={"mode": "standard", "max_attempts": _ATTEMPTS},
        connect_timeout=_SECONDS,
        read_timeout=_SECONDS,
    )
    try:
        return boto3.session.Session().client(
            "mturk",
            region_name=_REGION,
            endpoint_url=endpoint or MARKETS[market_of(live)],
            config=patient,
        )
    except BotoCoreError as fault:
        raise StudyError(f"Amazon's credentials cannot be read: {fault}; {_CREDENTIALS}") from fault


@contextmanager
def refusals(doing: str) -> Iterator[None]:
    """Turns what Amazon or the way there refuses into one line.

    Args:
        doing: What was tried, as in "publish the HIT".

    Raises:
        StudyError: Credentials are missing, Amazon refuses, or it cannot be reached.
    """
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        PartialCredentialsError,
    )

    try:
        yield
    except (NoCredentialsError, PartialCredentialsError) as fault:
        raise StudyError(
            f"Amazon's credentials are missing or incomplete; {_CREDENTIALS}"
        ) from fault
    except ClientError as fault:
        raise StudyError(f"Amazon refuses to {doing}: {_reason(fault)}") from fault
    except BotoCoreError as fault:
        raise StudyError(
            f"Amazon could not be asked to {doing}: {fault}; run the same again, it is done once"
        ) from fault


def code_of(fault: Any) -> str:
    """Amazon's own code of a refusal, such as ``AWS.MechanicalTurk.HitAlreadyExists``.

    Args:
        fault: A botocore ``ClientError``. Mechanical Turk puts the code beside the error, in
            ``TurkErrorCode``, where the error itself is only ``RequestError``.
    """
    return str(fault.response.get("TurkErrorCode") or fault.response["Error"].get("Code", ""))


def _reason(fault: Any) -> str:
    said = " ".join(str(fault.response["Error"].get("Message", "")).split())
    code = code_of(fault)
    return f"{said} ({code})" if said and code else said or code or "it does not say why"
