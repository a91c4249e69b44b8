"""Several people at once: real processes on the test's own database, let go at the same moment."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection

from tests.house.source import ROOT

# It reports when it stands at the line, and starts when told to.
PROGRAM = """
import importlib, sys
from django.conf import settings
database, module, name, *arguments = sys.argv[1:]
settings.DATABASES["default"]["NAME"] = database
import django
django.setup()
from clinic.common.errors import ClinicError
act = getattr(importlib.import_module(module), name)
print("ready", flush=True)
sys.stdin.readline()
try:
    act(*arguments)
except ClinicError as error:
    print(error.code)
else:
    print("done")
"""


def at_once(act: Callable[..., Any], runs: Iterable[tuple[Any, ...]]) -> list[str]:
    """What came of each run of a function of a test module: ``done``, or the code of its refusal.

    The test must commit (``transaction=True``), or the others would not see its rows.
    """
    runners = [_runner(act, arguments) for arguments in runs]
    for runner in runners:
        assert runner.stdout is not None
        assert runner.stdout.readline() == "ready\n", runner.communicate()
    for runner in runners:
        assert runner.stdin is not None
        runner.stdin.write("go\n")
        runner.stdin.flush()
    answers = [runner.communicate() for runner in runners]
    return [out.strip() or error for out, error in answers]


def _runner(act: Callable[..., Any], arguments: tuple[Any, ...]) -> "subprocess.Popen[str]":
    database = str(connection.settings_dict["NAME"])
    given = [database, act.__module__, act.__name__, *(str(argument) for argument in arguments)]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *given],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "clinic.config.test_settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
