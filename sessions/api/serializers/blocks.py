"""Other uses of a chair, as they are sent and shown."""

from typing import Any

from rest_framework import serializers

from sessions.api.fields import Instant, Reason, ShortText
from sessions.api.light import LightSerializer
from sessions.api.serializers.series import AGAINST_THE_RULES
from sessions.operations.blocks import OTHER_KINDS

KINDS = [(kind.value, kind.label) for kind in OTHER_KINDS]


class BlockMoveIn(serializers.Serializer[Any]):
    """A chair from one moment to another."""

    chair = serializers.UUIDField()
    starts_at = Instant()
    ends_at = Instant()
    override_reason = ShortText(help_text=AGAINST_THE_RULES)


class BlockIn(BlockMoveIn):
    """What a chair is kept for, for whom, and when."""

    kind = serializers.ChoiceField(choices=KINDS)
    title = serializers.CharField(max_length=120, allow_blank=True)
    patient = serializers.UUIDField(required=False, allow_null=True, default=None)


class ReleaseIn(serializers.Serializer[Any]):
    """Why the chair is not needed."""

    reason = Reason()


class BlockOut(LightSerializer):
    """A chair that is kept, for another visit or its own maintenance."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.ChoiceField(choices=KINDS)
    title = serializers.CharField()
    site = serializers.UUIDField(source="site.public_id")
    chair = serializers.UUIDField(source="chair.public_id")
    chair_name = serializers.CharField(source="chair.name")
    patient = serializers.UUIDField(source="patient.public_id", allow_null=True)
    local_date = serializers.DateField(help_text="The first day at the site.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    is_live = serializers.BooleanField(help_text="False once the chair was freed.")
    is_overbooked = serializers.BooleanField(help_text="The chair was taken when it was kept.")
    overrides = serializers.ListField(
        child=serializers.CharField(), help_text="Codes of the rules it stands against."
    )
    override_reason = serializers.CharField(allow_blank=True)
    revision = serializers.IntegerField()
