"""The board and my chairs, line by line."""

from typing import Any

from rest_framework import serializers

from sessions.api.light import LightSerializer
from sessions.api.serializers.protocols import LEVELS
from sessions.reports.board import Line
from sessions.states import STATUS_LABELS


class ReadingOut(LightSerializer):
    """The last set of vital signs that stands."""

    taken_at = serializers.DateTimeField()
    systolic = serializers.IntegerField(allow_null=True)
    diastolic = serializers.IntegerField(allow_null=True)
    heart_rate = serializers.IntegerField(allow_null=True)
    oxygen_saturation = serializers.IntegerField(allow_null=True)


class BoardLineOut(LightSerializer):
    """One visit of today; what is due and what calls for somebody only while the patient is here."""

    session = serializers.UUIDField(source="session.public_id")
    status = serializers.ChoiceField(choices=list(STATUS_LABELS.items()), source="session.status")
    chair = serializers.UUIDField(source="session.chair.public_id")
    chair_name = serializers.CharField(source="session.chair.name")
    patient = serializers.UUIDField(source="session.patient.public_id")
    patient_name = serializers.CharField(
        source="session.patient.short_name", help_text="Family name, initial."
    )
    same_name = serializers.BooleanField(help_text="Another patient of today has this family name.")
    nurse = serializers.CharField(allow_blank=True, help_text="Who looks after the patient now.")
    gap = serializers.CharField(allow_blank=True, help_text="Why nobody does, in words.")
    scheduled_start = serializers.DateTimeField(source="session.scheduled_start")
    minutes = serializers.IntegerField(help_text="Infused, pauses left out, by chart.")
    planned_minutes = serializers.IntegerField()
    ends_at = serializers.DateTimeField(allow_null=True, help_text="While it runs, at the planned rate.")
    not_before = serializers.DateTimeField(allow_null=True, help_text="The earliest discharge.")
    reading = ReadingOut(source="session.latest", allow_null=True)
    rise = serializers.IntegerField(allow_null=True, help_text="Systolic, against the baseline.")
    due_at = serializers.DateTimeField(allow_null=True, help_text="The next reading.")
    overdue_at = serializers.DateTimeField(
        allow_null=True, help_text="From then on it is overdue; null while the tablet is offline."
    )
    alert_level = serializers.ChoiceField(
        choices=LEVELS,
        source="signals.alert_level",
        allow_null=True,
        help_text="The worst of the alerts that nobody has acknowledged.",
    )
    alert_count = serializers.IntegerField(source="signals.alert_count")
    alert_since = serializers.DateTimeField(source="signals.alert_since", allow_null=True)
    waiting_until = serializers.DateTimeField(source="signals.waiting_until", allow_null=True)
    waiting_reason = serializers.CharField(source="signals.waiting_reason", allow_blank=True)
    ready_since = serializers.DateTimeField(
        source="signals.ready_since", allow_null=True, help_text="May leave, and waits for the ride."
    )
    offline_since = serializers.DateTimeField(source="signals.offline_since", allow_null=True)

    @staticmethod
    def get_nurse(line: Line) -> str:
        return line.care.nurse.short_name if line.care and line.care.nurse else ""

    @staticmethod
    def get_gap(line: Line) -> str:
        return str(line.care.gap) if line.care and line.care.gap else ""


class BoardQuery(serializers.Serializer[Any]):
    """Which site."""

    site = serializers.UUIDField()


class MyChairsOut(LightSerializer):
    """The caller's patients at a site, in the order of its chairs."""

    lines = BoardLineOut(many=True)


class BoardOut(LightSerializer):
    """A site's day as it stands at ``now``."""

    day = serializers.DateField()
    now = serializers.DateTimeField()
    lines = BoardLineOut(many=True, help_text="Every visit of the day, by its planned time.")
    running = serializers.IntegerField()
    overdue = serializers.IntegerField()
    alerts = serializers.IntegerField()
    uncovered = serializers.IntegerField(help_text="Patients who are here and looked after by nobody.")
    unsigned = serializers.IntegerField()
