"""The application that a WSGI server runs; the environment says which study it serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

__all__ = ["application"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netgloss.server.settings")
application = get_wsgi_application()
