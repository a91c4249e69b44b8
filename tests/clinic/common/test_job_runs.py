"""A run that counts: its row when it is done and when it breaks, and its line."""

import pytest

from clinic.common.job_runs import counted_run, one_line
from clinic.common.models import JobRun

pytestmark = pytest.mark.django_db


def test_what_was_counted_stands_in_the_row_and_nought_does_not():
    with counted_run("sweep", started_by="job:sweep") as counts:
        assert JobRun.objects.get().state == "running"
        counts["queued"] += 2
        counts["dropped"] += 0
        counts["sent"] += 1
    run = JobRun.objects.get(name="sweep", started_by="job:sweep")
    assert (run.state, run.result, run.error) == ("done", {"queued": 2, "sent": 1}, "")
    assert (run.done, run.total) == (3, 3)
    assert run.started_at <= run.finished_at
    assert one_line(counts) == "2 queued, 1 sent"


def test_one_that_breaks_says_on_what_and_goes_on_breaking():
    with pytest.raises(LookupError), counted_run("sweep", started_by="job:sweep") as counts:
        counts["queued"] += 1
        raise LookupError("no such site")
    run = JobRun.objects.get()
    assert (run.state, run.result, run.error) == ("failed", {}, "LookupError: no such site")
    assert run.finished_at is not None


def test_a_run_that_found_nothing_says_so():
    assert one_line({"sent": 0}) == "Nothing was due."
