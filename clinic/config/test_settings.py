"""Settings of the tests: the real ones, on a throw-away data folder, quicker where nothing is proven by slowness.

``DATABASE_URL`` is honoured, so that the same tests run on PostgreSQL. What a developer's shell says about the
installation is not: a test run must never meet a real clinic's data.
"""

import atexit
import os
import shutil
import tempfile
from typing import Any

# Workers inherit the folder of the process that started them; only that process removes it.
if "CLINIC_TEST_DATA" not in os.environ:
    os.environ["CLINIC_TEST_DATA"] = tempfile.mkdtemp(prefix="clinic-tests-")
    atexit.register(shutil.rmtree, os.environ["CLINIC_TEST_DATA"], ignore_errors=True)
os.environ["CLINIC_DATA"] = os.environ["CLINIC_TEST_DATA"]
os.environ["SECRET_KEY"] = "for tests only, and long enough that no check complains about it"
for name in (
    *("CLINIC_DEBUG", "CLINIC_DEMO", "CLINIC_HOSTS", "CLINIC_HTTPS"),
    "CLINIC_URL",
    *("CLINIC_EMAIL", "CLINIC_EMAIL_FROM", "CLINIC_SMS"),
):
    os.environ.pop(name, None)
# Playwright keeps an event loop in the thread of the test, and the ORM would refuse to be called beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from clinic.config.settings import *  # noqa: E402, F403
from clinic.config.settings import DATA_DIR, DATABASES, INSTALLED_APPS, MIDDLEWARE, STORAGES  # noqa: E402

# The flush between tests that commit; a clinic's own database refuses it.
ALLOW_FLUSH = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
# Argon2 takes 100 MB and a tenth of a second for each hash.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

_database: dict[str, Any] = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    # A live server shares the database between threads, which an in-memory one does only most of the time.
    _database["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    _database["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
else:
    _database["TEST"] = {"NAME": "test_clinic"}
    # A kept connection of a live server's thread would outlive the test database.
    _database["CONN_MAX_AGE"] = 0

# Fingerprinted names need collectstatic.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

# A page or route that repeats a query for every row raises. Scenes build their rows in loops, outside a request.
INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]
ZEAL_RAISE = True
ZEAL_NPLUSONE_THRESHOLD = 3
