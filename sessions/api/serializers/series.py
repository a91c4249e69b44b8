"""The bodies of what is done to several sessions of a course at once."""

from typing import Any

from rest_framework import serializers

from sessions.api.fields import Instant, Reason, ShortText
from sessions.api.light import LightSerializer
from sessions.api.serializers.sessions import SessionRowOut
from sessions.models.choices import CANCEL_CHOICES, CancelCode
from sessions.operations.series import MOST

CHAIR_OR_NONE = "Null: the chair is decided at check-in."
AGAINST_THE_RULES = "Books against a taken chair, too few nurses or the opening hours, with the right to."


class SlotIn(serializers.Serializer[Any]):
    """A time for one session, and a chair or none yet."""

    starts_at = Instant()
    chair = serializers.UUIDField(allow_null=True, help_text=CHAIR_OR_NONE)


class SeriesIn(serializers.Serializer[Any]):
    """The times of several sessions."""

    slots = SlotIn(many=True, max_length=MOST)  # type: ignore[call-arg]
    override_reason = ShortText(help_text=AGAINST_THE_RULES)


class RelocationIn(SlotIn):
    """A session as it was read, and where it is to go."""

    session = serializers.UUIDField()
    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class SeriesMoveIn(serializers.Serializer[Any]):
    """Several sessions with their other times."""

    moves = RelocationIn(many=True, max_length=MOST)  # type: ignore[call-arg]
    reason = ShortText()
    override_reason = ShortText(help_text=AGAINST_THE_RULES)


class CancelLaterIn(serializers.Serializer[Any]):
    """Why the sessions do not take place, and who called them off."""

    reason = Reason()
    code = serializers.ChoiceField(choices=CANCEL_CHOICES, default=CancelCode.OTHER)


class SeriesOut(LightSerializer):
    """The sessions as they are then, in the order of their times."""

    sessions = SessionRowOut(many=True)
