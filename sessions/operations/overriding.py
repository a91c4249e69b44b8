"""A booking that does not fit what is, kept as it was planned: with the right to, and a named reason."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.records import save_record, snapshot
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem, stale
from clinic.common.text import storable
from sessions.models import Booking
from sessions.rules.conflicts import clash_of


@transaction.atomic(savepoint=False)
def keep_as_planned(
    *,
    booking: Booking,
    kind: str,
    reason: str,
    by: Actor,
    expected_revision: int,
    now: datetime | None = None,
) -> Booking:
    """Accept one conflict of a booking: it is listed no more, and the booking is flagged with it from now on.

    Moving the booking takes the flag away; what it is then booked against is asked anew.

    Args:
        kind: a code of :data:`~sessions.rules.conflicts.KINDS`; only what was seen is accepted.

    Raises:
        Refused: without the right to book against the rules.
        Invalid: no reason.
        Conflict: the booking is not in that conflict any more (``conflict.none``).
        Stale: somebody changed the booking meanwhile.
    """
    now = now or clock.now()
    by.require(Permission.OVERBOOK, booking.site_id)
    reason = storable(reason, field="reason").strip()
    if not reason:
        raise Invalid({"reason": Problem("reason.missing", _("Give a reason."))})
    booking = Booking.objects.locked().select_related("site", "patient", "chair").get(pk=booking.pk)
    if booking.revision != expected_revision:
        raise stale(snapshot(booking))
    if clash_of(booking, kind, now=now) is None:
        message = _("This booking is not in that conflict any more. Look at the list again.")
        raise Conflict(Problem("conflict.none", message))
    booking.overrides = [*booking.overrides, kind]
    booking.override_reason = "; ".join(text for text in (booking.override_reason, reason) if text)
    return save_record(
        booking,
        verb="booking.kept_as_planned",
        by=by,
        now=now,
        site=booking.site,
        patient=booking.patient,
        reason=reason,
    )
