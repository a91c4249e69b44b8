"""Settings: one file, read from the environment, safe when nothing is set.

========================  ====================================================================
variable                  meaning
========================  ====================================================================
``CLINIC_DATA``           folder for the database, the secret key and uploads; ``.data`` by default
``DATABASE_URL``          ``postgres://user:password@host:port/name``; SQLite in ``CLINIC_DATA`` when unset. Behind a
                          pooler of transactions with ``?prepare=no``
``CLINIC_HOSTS``          host names this installation answers to, comma separated
``CLINIC_HTTPS``          ``1`` behind TLS: secure cookies, HSTS, trust ``X-Forwarded-Proto``
``CLINIC_DEMO``           ``1`` allows the demo accounts and lists them on the sign-in page
``CLINIC_DEBUG``          ``1`` for development only
``CLINIC_URL``             the address that patients' links begin with, such as ``https://clinic.example``; none are
                          sent when unset
``CLINIC_EMAIL``          what carries e-mail: ``smtp://user:password@host:587`` (STARTTLS), ``smtps://…:465``,
                          ``console``, ``file`` (into ``CLINIC_DATA``); none when unset
``CLINIC_EMAIL_FROM``     the sender's address of e-mails
``CLINIC_SMS``            what carries text messages: ``console``, ``file`` (into ``CLINIC_DATA``), or the dotted
                          path of a class like those in ``clinic.common.messaging``; none when unset
========================  ====================================================================

With ``CLINIC_DEBUG`` what is unset is ``console``. A demo writes what it would send into ``CLINIC_DATA`` and hands
nothing to a real carrier: its patients are invented, and their numbers may be somebody's.
"""

import os
from pathlib import Path

from clinic.config.environment import database_settings, email_settings, flag, secret_key, sms_backend

BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = Path(os.environ.get("CLINIC_DATA") or BASE_DIR / ".data")

SECRET_KEY = secret_key(DATA_DIR)
DEBUG = flag("CLINIC_DEBUG")
DEMO = flag("CLINIC_DEMO")
HTTPS = flag("CLINIC_HTTPS")
ALLOWED_HOSTS = os.environ.get("CLINIC_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
PUBLIC_URL = (os.environ.get("CLINIC_URL") or ("http://127.0.0.1:8000" if DEMO else "")).rstrip("/")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

INSTALLED_APPS = [
    "sessions.apps.SessionsConfig",
    "patients.apps.PatientsConfig",
    "clinic.stock.apps.StockConfig",
    "clinic.facilities.apps.FacilitiesConfig",
    "clinic.accounts.apps.AccountsConfig",
    "clinic.audit.apps.AuditConfig",
    "clinic.common.apps.CommonConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "rest_framework",
    "simple_history",
]

MIDDLEWARE = [
    "clinic.common.http.RequestIdMiddleware",
    "clinic.common.http.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # No proxy need stand in front: a chairside page over a clinic's wireless is a seventh of its size.
    "clinic.common.http.PageCompressionMiddleware",
    "clinic.accounts.middleware.WebSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clinic.accounts.middleware.IdleMiddleware",
    "clinic.accounts.middleware.LockMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clinic.accounts.middleware.ActorMiddleware",
    "clinic.common.outbox.OutboxMiddleware",
    "clinic.common.http.ErrorPageMiddleware",
    "clinic.accounts.middleware.PasswordMiddleware",
]

ROOT_URLCONF = "clinic.config.urls"
WSGI_APPLICATION = "clinic.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["clinic.common.templating.FilesystemLoader", "clinic.common.templating.AppLoader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.common.layout.layout",
                "clinic.accounts.context.house",
                "clinic.facilities.context.sites",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": database_settings(os.environ.get("DATABASE_URL", ""), DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ALLOW_FLUSH = False

CACHES = {
    "default": {
        # Sign-in limits are counted in the cache, so every server process must see the same one.
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "cache",
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["clinic.accounts.sign_in.StaffBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "display_name", "email"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "clinic.accounts.sign_in.StaffAccountAdapter"
ACCOUNT_FORMS = {"login": "clinic.accounts.sign_in.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_SSL_REDIRECT = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "clinic.accounts.views.entering.csrf_failure"

_CARRIER = "file" if DEMO else "console" if DEBUG else ""
_EMAIL = email_settings("" if DEMO else os.environ.get("CLINIC_EMAIL", ""), unset=_CARRIER)
EMAIL_BACKEND = _EMAIL["backend"]
EMAIL_HOST, EMAIL_PORT = _EMAIL["host"], _EMAIL["port"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _EMAIL["user"], _EMAIL["password"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _EMAIL["starttls"], _EMAIL["tls"]
EMAIL_FILE_PATH = DATA_DIR / "messages"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("CLINIC_EMAIL_FROM", "clinic@localhost")
SMS_BACKEND = sms_backend("" if DEMO else os.environ.get("CLINIC_SMS", ""), unset=_CARRIER)

LANGUAGE_CODE = "en"
USE_I18N = True
# Instants are stored and computed in UTC; a site's own zone is applied at the edges.
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
# Empty until collectstatic has run, which a demo never does: WhiteNoise warns of a folder that is not there.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "files"},
    },
    "staticfiles": {"BACKEND": "clinic.common.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
SIMPLE_HISTORY_REVERT_DISABLED = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "clinic.accounts.api.authentication.TokenAuthentication",
        "clinic.accounts.api.authentication.WebSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["clinic.common.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "clinic.common.api.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "clinic.common.api.problems.exception_handler",
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Clinic infusion sessions",
    "DESCRIPTION": "Patients, courses of treatment, infusion sessions and what was observed in them.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "clinic.common.api.document.describe_problems",
    ],
    # Choices that would otherwise be named after the first of the fields that share them.
    "ENUM_NAME_OVERRIDES": {
        "BlockKindEnum": "sessions.api.serializers.blocks.KINDS",
        "CancelCodeEnum": "sessions.models.choices.CancelCode",
        "ClosureKindEnum": "clinic.facilities.models.opening.Closure.Kind",
        "CallOutcomeEnum": "sessions.models.call_attempt.CallAttempt.Outcome",
        "CallPurposeEnum": "sessions.models.call_attempt.CallAttempt.Purpose",
        "CheckOutcomeEnum": "sessions.models.check_in.CheckAnswer.Outcome",
        "ContactKindEnum": "patients.models.contact.Contact.Kind",
        "ConsentPurposeEnum": "patients.models.consent.Consent.Purpose",
        "ChannelEnum": "patients.models.patient.Channel",
        "ConflictKindEnum": "sessions.rules.conflicts.KIND_CHOICES",
        "BookingKindEnum": "sessions.models.booking.Booking.Kind",
        "DecisionOutcomeEnum": "sessions.models.check_decision.CheckDecision.Outcome",
        "CoursePhaseEnum": "sessions.models.episode.CoursePhase.Phase",
        "CourseStateEnum": "sessions.models.course.Course.State",
        "DayListOutcomeEnum": "sessions.models.day_list.DayListAnswer.Outcome",
        "EarlyLeavingKindEnum": "sessions.models.going.EarlyLeaving.Kind",
        "EmergencyKindEnum": "sessions.models.emergency.EmergencyStep.Kind",
        "CheckInOutcomeEnum": "sessions.reports.check_ins.OUTCOMES",
        "ImportKindEnum": "patients.models.import_batch.ImportBatch.Kind",
        "LinkPurposeEnum": "patients.models.one_time_link.OneTimeLink.Purpose",
        "LinkStateEnum": "patients.models.one_time_link.OneTimeLink.State",
        "EndKindEnum": "sessions.models.choices.END_CHOICES",
        "EventKindEnum": "sessions.models.choices.EVENT_CHOICES",
        "ImportStateEnum": "patients.models.import_batch.ImportBatch.State",
        "LeaveKindEnum": "clinic.facilities.models.roster.StaffLeave.Kind",
        "LevelEnum": "sessions.api.serializers.protocols.LEVELS",
        "PhaseEnum": "sessions.rules.protocols.PHASES",
        "SchedulePhaseEnum": "sessions.rules.vitals_schedule.PHASES",
        "ScheduledParameterEnum": "sessions.rules.vitals_schedule.PARAMETERS",
        "TotalsUsedEnum": "sessions.models.choices.TOTALS_CHOICES",
        "VitalSignEnum": "sessions.rules.plausibility.RANGES",
        "ProtocolVersionStateEnum": "sessions.models.protocol.ProtocolVersion.State",
        "ReadinessOutcomeEnum": "sessions.models.readiness.ReadinessAnswer.Outcome",
        "ReminderStateEnum": "sessions.models.reminder.Reminder.State",
        "RightEnum": "clinic.accounts.permissions.Permission",
        "SuicideReviewEntryKindEnum": "patients.models.suicide_review.SuicideReviewEntry.Kind",
        "SuicideReviewOutcomeEnum": "patients.models.suicide_review.SuicideReviewEntry.Outcome",
        "StopCodeEnum": "sessions.models.choices.StopCode",
        "SideEffectSeverityEnum": "sessions.models.side_effect.SideEffectEntry.Severity",
        "EffectOutcomeEnum": "sessions.models.effect_review.SideEffectReview.Outcome",
        "FollowUpOutcomeEnum": "sessions.models.follow_up.FollowUpEntry.Outcome",
        "LateEffectChannelEnum": "sessions.models.late_effect.LateEffect.Channel",
        "DrugUseKindEnum": "sessions.models.preparation.DrugUse.Kind",
        "DoseUnitEnum": "sessions.models.medicine_order.DoseUnit",
        "MedicineRouteEnum": "sessions.models.medicine_order.Route",
        "MedicineOrderKindEnum": "sessions.models.medicine_order.MedicineOrder.Kind",
        "OrderVerdictEnum": "sessions.models.medicine_order.OrderAnswer.Verdict",
        "MedicationOutcomeEnum": "sessions.models.medication_given.MedicationEffect.Outcome",
        "ResponsibleKindEnum": "sessions.models.responsible_prescriber.ResponsiblePrescriber.Kind",
    },
}

SILENCED_SYSTEM_CHECKS = (
    [] if HTTPS or DEBUG else ["security.W004", "security.W008", "security.W012", "security.W016"]
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "clinic.common.logs.RequestIdFilter"},
        "secret": {"()": "clinic.common.logs.SecretFilter"},
    },
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s [%(request_id)s] %(name)s %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id", "secret"]}
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
