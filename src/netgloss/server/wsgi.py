"""The application that a WSGI server runs; the environment says which study it serves."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

from django.core.wsgi import get_wsgi_application
from threadpoolctl import threadpool_limits

__all__ = ["application"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netgloss.server.settings")
application = get_wsgi_application()
# Now rather than at the first request: whoever comes first is not to wait, and a fault in what is
# loaded ends the process instead of answering everybody with it.
import_module("netgloss.server.urls")
# Each request has a thread already. Those that OpenBLAS adds spin while they wait for each other:
# on a busy machine a picture then takes four times the processor time.
threadpool_limits(1, user_api="blas")
# What is loaded stays: looking through all of it for garbage again and again takes a tenth of the
# time of a request, and now and then holds one up.
gc.collect()
gc.freeze()
# A thread that waited for the database gets on again soon, rather than after five milliseconds of
# each thread before it: with 300 people this cuts the slowest twentieth from 81 to 50 ms.
sys.setswitchinterval(0.0005)
