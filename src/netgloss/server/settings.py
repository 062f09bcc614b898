"""Django's settings, from :class:`~netgloss.server.environment.Environment`."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from netgloss.server.database import database_settings
from netgloss.server.environment import Environment
from netgloss.server.middleware import keep_hashed_files
from netgloss.server.mturk.sites import Sites
from netgloss.server.secret import secret_key

_given = Environment.current()
_https = bool(_given.https)

DEBUG = False
STUDY = _given.folder
# Without a study there is nothing to sign: migrations and type checks only load the tables.
SECRET_KEY = secret_key(STUDY) if _given.study else "no-study-no-secrets" * 3
DATABASES: dict[str, Any] = {"default": database_settings(_given.database, STUDY)}
if not (_given.study or _given.database):
    DATABASES["default"]["NAME"] = ":memory:"  # no file wherever a check happens to run
PUBLIC_ADDRESS = _given.address.rstrip("/")
ALLOWED_HOSTS = [host for host in _given.hosts.split(",") if host]
BEHIND_PROXY = _https
CSRF_TRUSTED_ORIGINS = [PUBLIC_ADDRESS] if "://" in PUBLIC_ADDRESS else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "netgloss.server.people",
    "netgloss.server.tasks",
    "netgloss.server.play",
]
MIDDLEWARE = [
    "netgloss.server.middleware.log_requests",
    "django.middleware.security.SecurityMiddleware",
    "netgloss.server.middleware.content_security_policy",
    "netgloss.server.middleware.keep_nothing",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "netgloss.server.front_end.FrontEndFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "netgloss.server.people.sessions.know_the_person",
]
ROOT_URLCONF = "netgloss.server.urls"
WSGI_APPLICATION = "netgloss.server.wsgi.application"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
TEMPLATES: list[dict[str, Any]] = []

# People
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["netgloss.server.people.accounts.NameOrEmail"]
PASSWORD_HASHERS = ["netgloss.server.people.passwords.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("MinimumLengthValidator", {"min_length": 8}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
        ("UserAttributeSimilarityValidator", {"user_attributes": ("name", "email")}),
    )
]
PASSWORD_RESET_TIMEOUT = 3600
SESSION_ENGINE = "netgloss.server.people.sessions"
SESSION_COOKIE_AGE = 90 * 24 * 3600
SESSION_COOKIE_NAME = "netgloss_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "netgloss_csrf"
CSRF_HEADER_NAME = "HTTP_X_CSRF_TOKEN"

# What a browser may do with the pages
X_FRAME_OPTIONS = "DENY"
MTURK = Sites.given(_given.mturk)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31536000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

# The front end, built into the package
FRONT_END = Path(__file__).with_name("static")
STATIC_URL = "/static/"
STATIC_ROOT = FRONT_END if FRONT_END.is_dir() else None
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_ADD_HEADERS_FUNCTION = keep_hashed_files
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

# Mails: printed where no mail server is given
_mail = urlsplit(_given.mail)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _given.mail else 'console'}.EmailBackend"
EMAIL_HOST = _mail.hostname or "localhost"
EMAIL_PORT = _mail.port or 25
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = _given.sender

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "netgloss.server.logs.JsonLines"}},
    "filters": {
        "outages": {
            "()": "django.utils.log.CallbackFilter",
            "callback": "ext://netgloss.server.outage.shorten",
        }
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json",
            "filters": ["outages"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "netgloss.server": {"level": "INFO"},
        # A refused request is no fault of the server's, and its address may name a person.
        "django.request": {"level": "ERROR"},
    },
}
