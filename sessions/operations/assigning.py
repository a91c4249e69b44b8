"""Which nurse looks after a session. Whoever starts the infusion takes it over from whoever was planned."""

from datetime import datetime

from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.audit.recording import record
from clinic.audit.records import snapshot
from clinic.common import clock
from clinic.common.errors import stale
from sessions.models import InfusionSession
from sessions.rules.schedule import check_can_assign


@transaction.atomic(savepoint=False)
def assign_nurse(
    *,
    session: InfusionSession,
    nurse: User | None,
    by: Actor,
    expected_revision: int | None = None,
    now: datetime | None = None,
) -> InfusionSession:
    """Name the nurse of a session that is not over, or nobody.

    Raises:
        Refused: without the right to book.
        Conflict: the visit is over, or this person may not run infusions at the site (``nurse.not_here``).
        Stale: somebody changed the session meanwhile.
    """
    now = now or clock.now()
    rows = InfusionSession.objects.locked().select_related("site", "patient", "nurse")
    locked = rows.get(pk=session.pk)
    check_can_assign(session=locked, nurse=nurse, by=by)
    if expected_revision is not None and locked.revision != expected_revision:
        raise stale(snapshot(locked))
    before, locked.nurse = locked.nurse, nurse
    locked.revision += 1
    locked.save(update_fields=["nurse", "revision"])
    record(
        verb="session.nurse_assigned",
        subject=locked,
        by=by,
        now=now,
        site=locked.site,
        patient=locked.patient,
        before={"nurse": before.printed_name if before else ""},
        after={"nurse": nurse.printed_name if nurse else ""},
    )
    return locked
