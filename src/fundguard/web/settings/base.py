"""What every deployment shares. One data folder holds store, runs, database, jobs and uploads."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

from fundguard.web.settings import sign_on

WEB = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("FUNDGUARD_DATA", "var")).resolve()
STORE, RUNS, UPLOADS = DATA / "store", DATA / "runs", DATA / "uploads"
EVIDENCE = DATA / "evidence"  # attachments, sealed
KNOWLEDGE = DATA / "knowledge"  # signed versions, never changed again
#: Daily heads of the ledger. A deployment points it to a folder that its administrator cannot write to.
LEDGER_HEADS = Path(os.environ.get("FUNDGUARD_LEDGER_HEADS") or DATA / "heads").resolve()

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "template_partials",
    "django_htmx",
    "treebeard",
    "axes",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "huey.contrib.djhuey",
    "fundguard.web.core",
    "fundguard.web.accounts",
    "fundguard.web.ledger",
    "fundguard.web.jobs",
    "fundguard.web.intake",
    "fundguard.web.runs",
    "fundguard.web.overview",
    "fundguard.web.findings",
    "fundguard.web.desk",
    "fundguard.web.reminders",
    "fundguard.web.filters",
    "fundguard.web.workload",
    "fundguard.web.rulebook",
    "fundguard.web.rulebase",
    "fundguard.web.fund",
    "fundguard.web.papers",
    "fundguard.web.evidence",
    "fundguard.web.units",
    "fundguard.web.portal",
    "fundguard.web.selfcheck",
    "fundguard.web.foreign",
    "fundguard.web.scorecard",
    "fundguard.web.allocations",
    "fundguard.web.recall",
    "fundguard.web.knowledge_base",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "fundguard.web.accounts.sessions.SessionLimits",
    "allauth.account.middleware.AccountMiddleware",
    "fundguard.web.accounts.guard.ViewerMiddleware",
    "axes.middleware.AxesMiddleware",
    "fundguard.web.core.errors.RefusalMiddleware",
]
ROOT_URLCONF = "fundguard.web.urls"
WSGI_APPLICATION = "fundguard.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fundguard.web.core.context.site",
            ],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
FILE_UPLOAD_TEMP_DIR = None
FILE_UPLOAD_HANDLERS = ["fundguard.web.core.uploads.LimitedUpload"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
SITE_URL = os.environ.get("FUNDGUARD_SITE_URL", "http://127.0.0.1:8000").rstrip("/")  # in the QR code of a paper
#: A folder with the bureau's own fonts for PDF, and the family to use of it.
FONTS = Path(os.environ["FUNDGUARD_FONTS"]) if os.environ.get("FUNDGUARD_FONTS") else None
#: A folder with the bureau's own kinds of papers (*.yaml) and Word layout (layout.docx).
PAPERS = Path(os.environ["FUNDGUARD_PAPERS"]) if os.environ.get("FUNDGUARD_PAPERS") else None
FONT_FAMILY = os.environ.get("FUNDGUARD_FONT_FAMILY", "")
UPLOAD_LIMIT_MB = int(os.environ.get("FUNDGUARD_UPLOAD_LIMIT_MB", "2048"))  # of data: `core.uploads.LARGE`
#: Attachments: one file, all that one form sends, all of one finding, and the kinds (`evidence.checking.FORMS`).
ATTACHMENT_LIMIT_MB = int(os.environ.get("FUNDGUARD_ATTACHMENT_LIMIT_MB") or 20)
ATTACHMENTS_AT_ONCE_MB = 5 * ATTACHMENT_LIMIT_MB
FINDING_LIMIT_MB = int(os.environ.get("FUNDGUARD_FINDING_LIMIT_MB") or 500)
FINDING_FILES = int(os.environ.get("FUNDGUARD_FINDING_FILES") or 200)
ATTACHMENT_FORMS = tuple((os.environ.get("FUNDGUARD_ATTACHMENT_FORMS") or "jpeg png pdf docx xlsx ofd").split())

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", **options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"OPTIONS": {"min_length": 10}}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
] + [{"NAME": f"fundguard.web.accounts.passwords.{name}"} for name in ("KindsOfSigns", "NotTheSame")]
#: Days after which a password must be changed; 0 where it never must.
PASSWORD_DAYS = int(os.environ.get("FUNDGUARD_PASSWORD_DAYS") or 90)
#: Whether the posts that administer or determine (`Role.second_factor`) need a second factor.
SECOND_FACTOR_REQUIRED = os.environ.get("FUNDGUARD_SECOND_FACTOR", "required") != "optional"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_IDLE = 30 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "fundguard.web.core.errors.csrf_failure"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "fundguard.web.accounts.views.locked"
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "fundguard.web.accounts.addresses.client_address"
#: How many reverse proxies of our own stand in front: so many addresses of X-Forwarded-For are believed.
TRUSTED_PROXIES = int(os.environ.get("FUNDGUARD_PROXIES") or 0)

# The way in is allauth's: the second factor and the bureau's own sign-in are steps of it. Nobody signs up.
ACCOUNT_ADAPTER = "fundguard.web.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,5/300s/key"}  # of codes: passwords are counted by axes
MFA_ADAPTER = "fundguard.web.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "FundGuard"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds: clocks of telephones differ
SOCIALACCOUNT_ADAPTER = "fundguard.web.accounts.adapters.SocialAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # our address takes POST only
SOCIALACCOUNT_PROVIDERS, SIGN_ON_NAME, _provider = sign_on.oidc()
LDAP_URL, LDAP_DN = sign_on.ldap()
if LDAP_URL:
    AUTHENTICATION_BACKENDS.append("fundguard.web.accounts.ldap.DirectoryBackend")

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *_provider],  # the sign-in form is sent on to the bureau's provider
        "frame-ancestors": [NONE],
    }
}

HUEY = {
    "huey_class": "huey.SqliteHuey",
    "name": "fundguard",
    "filename": str(DATA / "jobs.sqlite3"),
    "fsync": True,
    "immediate": False,
    "results": False,
    "consumer": {"workers": 1, "worker_type": "thread", "initial_delay": 0.1, "max_delay": 1.0},
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
DEMO = False


def sqlite(path: Path) -> dict[str, object]:
    """A SQLite database that several processes may use at once."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }


def postgres(url: str) -> dict[str, object]:
    """A PostgreSQL database from `postgres://user:password@host:port/name`."""
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
