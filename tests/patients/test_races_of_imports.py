"""The same past scores, brought in by two people at the same moment, come in once."""

import pytest

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.audit.verify import verify_all
from patients.models import Assessment, ImportBatch
from patients.operations.importing import run_next_chunk, start_import
from tests.clinic.processes import at_once
from tests.patients.score_files import patient_called, previewed
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 3
ROWS = 40


def run(user_id, batch_id):
    by = Actor.of_user(User.objects.get(pk=user_id))
    run_next_chunk(batch=ImportBatch.objects.get(pk=batch_id), by=by)


def test_the_same_file_run_by_several_at_once_comes_in_once():
    site = make_site()
    people = [staff("front_desk", site) for _number in range(PEOPLE)]
    numbers = [f"M{number}" for number in range(ROWS)]
    for number in numbers:
        patient_called(number, site, people[0])
    started = []
    for place, by in enumerate(people):
        # Each file in another order: whoever locked patients in the order of the file would wait for the other.
        shifted = numbers[place * 10 :] + numbers[: place * 10]
        text = "MRN,Date,PHQ9\n" + "".join(f"{number},2025-06-01,5\n" for number in shifted)
        started.append((by, start_import(batch=previewed(site, by, text), by=by)))
    assert at_once(run, [(by.user.pk, batch.pk) for by, batch in started]) == ["done"] * PEOPLE
    assert Assessment.objects.count() == ROWS
    assert sum(batch.created_count for _by, batch in started) == ROWS
    assert verify_all().broken == ""
