"""Settings of the benchmark: the delivered ones, with one route more to measure against."""

from clinic.config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.urls"
ALLOWED_HOSTS = ["testserver", "127.0.0.1"]
LOGGING = {"version": 1, "disable_existing_loggers": True}
