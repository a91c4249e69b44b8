"""What is in the way is named by its time on the site's clocks."""

from datetime import UTC, datetime

import pytest

from clinic.facilities.models import Site
from sessions.rules.taken import chair_taken, no_chair, patient_taken

SITE = Site(name="North", time_zone="America/New_York")


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-03-10 13:00", "2026-03-10 15:10", "09:00 to 11:10"),
        ("2026-03-11 03:00", "2026-03-11 05:10", "Tue 10 Mar 23:00 to Wed 11 Mar 01:10"),
        ("2026-11-01 05:30", "2026-11-01 07:40", "01:30 to 02:40"),
    ],
)
def test_both_ends_with_their_days_where_these_are_two(start, end, words):
    times = [datetime.fromisoformat(at).replace(tzinfo=UTC) for at in (start, end)]
    found = [chair_taken("Chair 1", *times, SITE), patient_taken(*times, SITE), no_chair(*times, SITE)]
    codes = ["booking.chair_taken", "booking.patient_taken", "booking.no_chair"]
    assert [problem.code for problem in found] == codes
    assert all(words in str(problem) for problem in found)
