"""Counts of a period, as the API answers them."""

from typing import Any

from rest_framework import serializers

from sessions.api.light import LightSerializer
from sessions.api.serializers.facts import FactOut
from sessions.api.serializers.protocols import LEVELS
from sessions.reports.alert_figures import Count, RuleRow
from sessions.rules.protocols import PHASES


class PeriodOut(LightSerializer):
    """Days at the site, the first and the last included."""

    first = serializers.DateField()
    last = serializers.DateField()


class ItemCountOut(LightSerializer):
    """How often one item was overridden."""

    item = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField(source="n")


class OverrideCountsOut(serializers.Serializer[Any]):
    """How often the items of the check were overridden."""

    period = PeriodOut()
    total = serializers.IntegerField()
    items = ItemCountOut(many=True)


class OverrideOut(FactOut):
    """An item of the check that was overridden, with the reason."""

    session = serializers.UUIDField(source="session.public_id")
    patient = serializers.UUIDField(source="session.patient.public_id")
    site = serializers.UUIDField(source="session.site.public_id")
    item = serializers.CharField()
    reason = serializers.CharField(source="note")


class AlertCountsOut(LightSerializer):
    """What became of alerts, each counted."""

    fired = serializers.IntegerField()
    acknowledged = serializers.IntegerField()
    no_action = serializers.IntegerField(help_text="Acknowledged with: no action needed.")
    open = serializers.IntegerField(help_text="Not acknowledged, also of patients who have left.")
    passed_on = serializers.IntegerField()
    worsened = serializers.IntegerField()
    retracted = serializers.IntegerField(help_text="Taken back.")

    def to_representation(self, instance: list[Count]) -> dict[str, Any]:
        return {one.what or "fired": one.count for one in instance}


class RuleFiguresOut(LightSerializer):
    """One limit and what became of its alerts."""

    rule = serializers.CharField(
        source="key", help_text="Names the limit where the rows behind are asked for."
    )
    words = serializers.CharField()
    phase = serializers.ChoiceField(choices=PHASES)
    level = serializers.ChoiceField(choices=LEVELS)
    is_own = serializers.BooleanField(help_text="A limit of one patient.")
    counts = AlertCountsOut()
    median_minutes = serializers.FloatField(
        source="minutes", allow_null=True, help_text="From the alert to its answer."
    )

    @staticmethod
    def get_phase(row: RuleRow) -> str:
        # "own.infusion..." and "infusion...": the key names it.
        return next(word for word in row.key.split(".") if word in PHASES)


class AlertFiguresOut(LightSerializer):
    """The limits that fired in the days, those that fired most first."""

    period = PeriodOut()
    total = AlertCountsOut()
    median_minutes = serializers.FloatField(source="minutes", allow_null=True)
    rules = RuleFiguresOut(source="rows", many=True)
