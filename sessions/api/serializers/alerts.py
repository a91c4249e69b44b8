"""Alerts, what became of them, and limits of one patient."""

from typing import Any

from rest_framework import serializers

from sessions.api.fields import Instant, Reason, ShortText
from sessions.api.light import LightSerializer
from sessions.api.serializers.protocols import LEVELS, PlainLimit
from sessions.models import Alert, AlertEntry
from sessions.rules.alerts import alert_words, is_open, is_unanswered, is_unresolved
from sessions.rules.plausibility import RANGES
from sessions.rules.protocols import COMPARATORS, PHASES


class AlertEntryOut(LightSerializer):
    """Something that became of an alert."""

    kind = serializers.ChoiceField(choices=AlertEntry.Kind.choices)
    at = serializers.DateTimeField()
    by = serializers.CharField(source="by.printed_name", allow_null=True, help_text="Null: the house itself.")
    actions = serializers.ListField(child=serializers.ChoiceField(choices=AlertEntry.ActionTaken.choices))
    note = serializers.CharField()
    step = serializers.CharField(help_text="Of the escalation: nurse, prescriber, on_call or manager.")
    to = serializers.CharField(
        source="to.printed_name",
        allow_null=True,
        help_text="Who was told; null with a step: nobody was there.",
    )
    channel = serializers.CharField(help_text="screen, sms or email")
    cause = serializers.ChoiceField(
        choices=[("", "a reading"), *AlertEntry.Cause.choices],
        help_text="Why it was taken back or goes on after all; empty: its reading was corrected.",
    )
    after_signature = serializers.BooleanField(
        help_text="Beside a signed chart; not covered by the signature."
    )


class AlertOut(LightSerializer):
    """A reading that crossed a limit."""

    id = serializers.UUIDField(source="public_id")
    session = serializers.UUIDField(source="session.public_id")
    reading = serializers.UUIDField(source="reading.public_id")
    parameter = serializers.ChoiceField(choices=list(RANGES))
    level = serializers.ChoiceField(choices=LEVELS)
    words = serializers.CharField()
    rule = serializers.DictField(help_text="The limit as it stood.")
    value = serializers.FloatField(help_text="The measurement, or its change.")
    counted_from = serializers.FloatField(allow_null=True, source="before")
    taken_at = serializers.DateTimeField(source="reading.taken_at")
    raised_at = serializers.DateTimeField()
    is_live = serializers.BooleanField(help_text="False: it came late, is for review, and pages nobody.")
    is_open = serializers.BooleanField(help_text="Somebody is to say what was done; the patient is here.")
    is_unanswered = serializers.BooleanField(
        help_text="The patient has left, and nobody has said what was done."
    )
    is_unresolved = serializers.BooleanField(help_text="Beyond the limit, as far as is known.")
    entries = AlertEntryOut(many=True)

    @staticmethod
    def get_words(row: Alert) -> str:
        return alert_words(row)

    @staticmethod
    def get_is_open(row: Alert) -> bool:
        return is_open(row)

    @staticmethod
    def get_is_unanswered(row: Alert) -> bool:
        return is_unanswered(row)

    @staticmethod
    def get_is_unresolved(row: Alert) -> bool:
        return is_unresolved(row.entries.all())


class AcknowledgeIn(serializers.Serializer[Any]):
    """What was done: one or more, or "none" alone."""

    actions = serializers.ListField(
        child=serializers.ChoiceField(choices=AlertEntry.ActionTaken.choices), max_length=20
    )
    note = ShortText()


class PatientLimitIn(PlainLimit):
    """A limit of one patient, in the place of the protocol's of the same parameter, phase, level and side."""

    reason = Reason()
    valid_until = Instant()


class PatientLimitOut(LightSerializer):
    """A limit of one patient."""

    id = serializers.UUIDField(source="public_id")
    parameter = serializers.ChoiceField(choices=list(RANGES))
    phase = serializers.ChoiceField(choices=PHASES)
    comparator = serializers.ChoiceField(choices=COMPARATORS)
    value = serializers.FloatField()
    level = serializers.ChoiceField(choices=LEVELS)
    reason = serializers.CharField()
    valid_until = serializers.DateTimeField()
    set_at = serializers.DateTimeField()
    set_by = serializers.CharField(source="set_by.printed_name")
    revoked_at = serializers.DateTimeField(allow_null=True)


class ChannelTestOut(LightSerializer):
    """A channel of a site's alerts, tried."""

    channel = serializers.ChoiceField(choices=["screen", "sms", "email"])
    is_ok = serializers.BooleanField()
    why = serializers.CharField(help_text="Why it did not work.")
    at = serializers.DateTimeField()


class ChannelTestsOut(serializers.Serializer[Any]):
    """Every channel of a site, tried."""

    channels = ChannelTestOut(many=True)


class PreviewRowOut(LightSerializer):
    """How often one limit would have fired."""

    rule = serializers.CharField(source="key")
    words = serializers.CharField()
    level = serializers.ChoiceField(choices=LEVELS)
    phase = serializers.ChoiceField(choices=PHASES)
    infusions = serializers.IntegerField(help_text="With one alert of this limit or more.")
    alerts = serializers.IntegerField()
    per_hundred = serializers.FloatField(allow_null=True, help_text="Alerts per 100 infusions.")


class PreviewOut(LightSerializer):
    """How often the limits of a version would have fired on the last infusions."""

    infusions = serializers.IntegerField(help_text="How many were looked at; at most 200.")
    infusions_with_alerts = serializers.IntegerField(source="with_alerts")
    alerts = serializers.IntegerField()
    per_hundred = serializers.FloatField(allow_null=True, help_text="Alerts per 100 infusions.")
    rows = PreviewRowOut(many=True)
