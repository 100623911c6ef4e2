"""Django settings. Everything that differs between installations comes from the environment or the home."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from csp.constants import NONCE, SELF

from zhike.config import database
from zhike.config.home import home, installation_secrets

PACKAGE = Path(__file__).resolve().parent.parent
HOME = home()

DEBUG = False
SECRET_KEY = installation_secrets().django
PORT = int(os.environ.get("ZHIKE_PORT", "8000"))
# By name, not by number: passkeys are bound to a host name.
BASE_URL = os.environ.get("ZHIKE_URL", f"http://localhost:{PORT}").rstrip("/")
TLS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = os.environ.get("ZHIKE_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [BASE_URL, f"http://127.0.0.1:{PORT}"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "template_partials",
    "zhike.kernel",
    "zhike.customers",
    "zhike.feeds",
    "zhike.feeds.knowledge",
    "zhike.api",
    "zhike.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "zhike.web.static_files.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "zhike.web.signin.middleware.SignedInMiddleware",
    "zhike.web.refusals.RefusalMiddleware",
]

ROOT_URLCONF = "zhike.config.urls"
# Requests a web process works on at a time, each with a database connection of its own.
THREADS = int(os.environ.get("ZHIKE_THREADS", "8"))
DATABASES = {"default": database.from_environment(HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "kernel.User"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "zhike.web.shell.shell",
            ],
        },
    },
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("ZHIKE_TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HOME / "files", "base_url": None, "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False
# Files of the front-end build carry the hash of their content in the name: browsers keep them for good.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/(build/.+-[\w-]{8}\.\w+|.+\.[0-9a-f]{12}\.\w+)$"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = HOME / "uploads"
# Bytes that one request may bring, a file to import included.
LARGEST_REQUEST = int(os.environ.get("ZHIKE_LARGEST_UPLOAD", "2048")) << 20
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)

# Strict content policy: scripts and styles only from here or with this page's nonce.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TLS else None
SECURE_HSTS_SECONDS = 31536000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SECURE_HSTS_PRELOAD = TLS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# Failed sign-ins and used codes are counted for all processes together.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "zhike_cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "zhike.web.signin.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "zhike.web.signin.forms.Login",
    "change_password": "zhike.web.signin.forms.ChoosePassword",
    "reset_password_from_key": "zhike.web.signin.forms.ResetPassword",
}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
# A whole office may sign in through one address; what is limited are failures.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "5/15m/key,50/15m/ip",
    "reauthenticate": "10/m/user",
}
MFA_ADAPTER = "zhike.web.signin.adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "zhike.web.signin.forms.SecondFactor",
    "activate_totp": "zhike.web.signin.forms.ActivateApp",
    "add_webauthn": "zhike.web.signin.forms.AddPasskey",
    "edit_webauthn": "zhike.web.signin.forms.RenamePasskey",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Addresses come from an administrator: nobody can block the account of another by one never verified.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not TLS
MFA_TOTP_ISSUER = "Zhike 知客"
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = HOME / "outbox"
DEFAULT_FROM_EMAIL = os.environ.get("ZHIKE_MAIL_FROM", "zhike@localhost")
if smtp := os.environ.get("ZHIKE_SMTP_HOST"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = smtp
    EMAIL_PORT = int(os.environ.get("ZHIKE_SMTP_PORT", "25"))
    EMAIL_HOST_USER = os.environ.get("ZHIKE_SMTP_USER", "")
    EMAIL_HOST_PASSWORD = os.environ.get("ZHIKE_SMTP_PASSWORD", "")
    EMAIL_USE_TLS = os.environ.get("ZHIKE_SMTP_TLS", "") == "1"

# Whose installation this is, as the top of each page says it.
ZHIKE_ORGANISATION = os.environ.get("ZHIKE_ORGANISATION", "")
# Bytes of a file of a customer, and how many masked values one may be shown in a day.
ZHIKE_LARGEST_FILE = int(os.environ.get("ZHIKE_LARGEST_FILE", "20")) << 20
ZHIKE_DAILY_REVEALS = int(os.environ.get("ZHIKE_DAILY_REVEALS", "50"))
# Country whose national phone format is understood without a country code.
ZHIKE_REGION = os.environ.get("ZHIKE_REGION", "CN")
ZHIKE_CURRENCY = os.environ.get("ZHIKE_CURRENCY", "CNY")
WAREHOUSE = HOME / "warehouse"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": os.environ.get("ZHIKE_LOG", "WARNING")},
    # A wrong address or a refused request is the caller's mistake, answered; it is no event of the installation.
    "loggers": {"django.request": {"level": "ERROR"}},
}
