"""``python -m tests.benchmarks``: how much the rules, the audit and the scope cost beside a bare endpoint.

On SQLite, or on the PostgreSQL that ``DATABASE_URL`` names (``.ci/postgres python -m tests.benchmarks``).
Everything is measured in one process at concurrency 1, the rounds of all rows interleaved; the ratios hold from
machine to machine, the milliseconds do not. Nothing here is a test: a slow minute fails nobody's build.
"""

import argparse
import os
import tempfile

os.environ.setdefault("CLINIC_DATA", tempfile.mkdtemp(prefix="clinic-benchmark-"))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from tests.benchmarks.measuring import measure, peak_memory  # noqa: E402
from tests.benchmarks.volume import Size, fill  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=150)
    parser.add_argument(
        "--small", action="store_true", help="a hundredth of the rows, to try the benchmark itself"
    )
    options = parser.parse_args()
    size = Size(50, 300, 3_000, 1_000) if options.small else Size()
    call_command("migrate", verbosity=0)
    print(
        f"{connection.vendor}: {size.patients} patients, {size.sessions} sessions, {size.readings} readings,"
        f" {size.bookings} bookings"
    )
    nurse, session = fill(size)
    for line in measure(nurse, session, rounds=options.rounds):
        print(line)
    print(peak_memory(nurse, session))


if __name__ == "__main__":
    main()
