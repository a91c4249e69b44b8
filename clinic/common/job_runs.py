"""The run of a job that counts what it does: noted as a row, and told in one line."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from clinic.common import clock
from clinic.common.models import JobRun


@contextmanager
def counted_run(name: str, *, started_by: str) -> Iterator[Counter[str]]:
    """A run from its beginning to its end, done or broken; the row holds what was counted, unless it broke."""
    run = JobRun.objects.create(name=name, started_by=started_by, started_at=clock.now())
    counts: Counter[str] = Counter()
    try:
        yield counts
    except BaseException as error:
        run.state, run.error = JobRun.State.FAILED, f"{type(error).__name__}: {error}"
        raise
    else:
        run.state, run.result = JobRun.State.DONE, {name: count for name, count in counts.items() if count}
    finally:
        run.finished_at = clock.now()
        run.done = run.total = sum(run.result.values())
        run.save(update_fields=["state", "finished_at", "result", "error", "done", "total"])


def one_line(counts: Mapping[str, int]) -> str:
    """``2 queued, 1 sent``"""
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "Nothing was due."
