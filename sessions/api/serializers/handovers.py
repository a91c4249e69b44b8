"""Handovers: offered, listed, answered."""

from typing import Any

from rest_framework import serializers

from sessions.api.fields import Instant, LongText, Reason
from sessions.api.light import LightSerializer
from sessions.api.serializers.sessions import ProblemOut
from sessions.models import Handover
from sessions.reports.handovers import Shown


class HandoverIn(serializers.Serializer[Any]):
    """An offer of the caller's patients at a site to a colleague."""

    site = serializers.UUIDField()
    to_nurse = serializers.UUIDField()
    sessions = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        allow_null=True,
        default=None,
        max_length=100,
        help_text="Whom; everybody whom the caller looks after there, when left out.",
    )
    until = Instant(
        required=False,
        allow_null=True,
        default=None,
        help_text="When the patients come back to the caller; for the rest of the visit, when left out.",
    )
    note = LongText(default="")


class DeclineIn(serializers.Serializer[Any]):
    """Why not."""

    reason = Reason()


class TakeOverIn(serializers.Serializer[Any]):
    """Why the patient is taken over."""

    reason = Reason()


class PersonOut(LightSerializer):
    """Somebody of the staff."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(source="printed_name")


class HandoverOut(LightSerializer):
    """A handover as it stands, with what was told when it was offered."""

    id = serializers.UUIDField(source="handover.public_id")
    site = serializers.UUIDField(source="handover.site.public_id")
    from_nurse = PersonOut(source="handover.from_nurse")
    to_nurse = PersonOut(source="handover.to_nurse")
    state = serializers.ChoiceField(choices=Handover.State.choices, source="handover.state")
    until = serializers.DateTimeField(
        source="handover.until", allow_null=True, help_text="Null: for the rest of the visit."
    )
    note = serializers.CharField(source="handover.note", allow_blank=True)
    reason = serializers.CharField(allow_blank=True, help_text="Why it was declined, or taken over.")
    offered_at = serializers.DateTimeField(source="handover.offered_at")
    answered_at = serializers.DateTimeField(source="handover.answered_at", allow_null=True)
    sessions = serializers.ListField(
        child=serializers.UUIDField(),
        help_text="Who was taken over; of an open offer, who is still here and with whoever offered.",
    )
    summary = serializers.DictField(
        source="handover.summary",
        child=serializers.DictField(child=serializers.ListField(child=serializers.CharField())),
        help_text="By session, the lines that were told when it was offered, in the words of the site.",
    )
    warnings = ProblemOut(many=True, help_text="More patients than the site's rule; never a refusal.")

    @staticmethod
    def get_sessions(row: Shown) -> list[Any]:
        return [patient.session.public_id for patient in row.left]

    @staticmethod
    def get_warnings(row: Shown) -> list[Any]:
        return [row.warning] if row.warning else []
