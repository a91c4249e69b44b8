"""What suits a patient, remembered with the course for the next time that it is planned."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.records import save_record
from clinic.common import clock
from sessions.models import Course
from sessions.rules.wishes import check_wishes


@transaction.atomic(savepoint=False)
def remember_wishes(
    *,
    course: Course,
    wishes: Mapping[str, Any],
    by: Actor,
    expected_revision: int,
    now: datetime | None = None,
) -> Course:
    """Keep the wishes of a course as :func:`~sessions.rules.wishes.stored` writes them.

    Raises:
        Refused: without the right to book.
        Invalid: a value that could not be read back, by field.
        Stale: somebody changed the course meanwhile, and it says something else.
    """
    by.require(Permission.BOOK, course.site_id)
    check_wishes(wishes)
    locked = Course.objects.locked().select_related("site", "patient").get(pk=course.pk)
    if locked.wishes == dict(wishes):
        return locked
    locked.wishes = dict(wishes)
    return save_record(
        locked,
        verb="course.wishes_remembered",
        by=by,
        now=now or clock.now(),
        site=locked.site,
        patient=locked.patient,
        expected_revision=expected_revision,
    )
