"""What is printed or looked at beside the chart, as the API answers it. Times are instants; the reader localises."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from patients.models import AllergyStatus, Contact
from sessions.api.fields import Thousandths
from sessions.api.light import LightSerializer
from sessions.api.serializers.check_deciding import WishOut
from sessions.api.serializers.medicines import ResponsibleOut
from sessions.models import EmergencyStep


class PatientHeadOut(LightSerializer):
    """Two identifiers and what must not be forgotten."""

    patient = serializers.UUIDField(source="patient.public_id")
    name = serializers.CharField(source="full_name")
    birth_date = serializers.DateField()
    age = serializers.IntegerField(help_text="Years, today.")
    sex = serializers.CharField()
    record_number = serializers.CharField(help_text="At this site.")
    allergy_status = serializers.ChoiceField(choices=AllergyStatus.choices)
    allergies = serializers.ListField(child=serializers.CharField())

    @staticmethod
    def get_allergies(row: Any) -> list[str]:
        return [str(allergy) for allergy in row.allergies]


class LineOut(LightSerializer):
    """What happened at a moment, in words."""

    at = serializers.DateTimeField()
    words = serializers.CharField()

    @staticmethod
    def get_at(row: tuple[datetime, str]) -> datetime:
        return row[0]

    @staticmethod
    def get_words(row: tuple[datetime, str]) -> str:
        return row[1]


class EmergencyLineOut(LightSerializer):
    """One thing done in an emergency."""

    at = serializers.DateTimeField(source="taken_at")
    kind = serializers.ChoiceField(choices=EmergencyStep.Kind.choices)
    note = serializers.CharField()


class EmergencyLogOut(LightSerializer):
    """One emergency with its steps, the alarm first."""

    began_at = serializers.DateTimeField()
    over_at = serializers.DateTimeField(allow_null=True)
    steps = EmergencyLineOut(many=True)


class ContactLineOut(LightSerializer):
    """Somebody to call."""

    kind = serializers.ChoiceField(choices=Contact.Kind.choices)
    name = serializers.CharField()
    relationship = serializers.CharField()
    phone = serializers.CharField()


class PlaceOut(LightSerializer):
    """A site, and how it and the emergency service are reached."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    address = serializers.CharField()
    phone = serializers.CharField()
    emergency_number = serializers.CharField()


class OnDutyOut(LightSerializer):
    """The responsible prescriber."""

    name = serializers.CharField(source="user.printed_name")
    phone = serializers.CharField()


class GivenOut(LightSerializer):
    """What was given of the infusion, by the chart."""

    drug = serializers.CharField(source="session.protocol_version.drug")
    dose_mg = Thousandths(source="dose.dose_micrograms", allow_null=True)
    given_mg = Thousandths(
        source="given", allow_null=True, help_text="By the chart; null where it is not known."
    )
    started_at = serializers.DateTimeField(source="session.infusion_started_at")
    ended_at = serializers.DateTimeField(
        source="session.infusion_ended_at", allow_null=True, help_text="Null: not recorded as ended."
    )
    minutes = serializers.IntegerField(help_text="Infused, by the chart.")


class SheetOut(LightSerializer):
    """The sheet itself.

    ``readings`` are the last ones, the latest first, with the first of the visit at the end.
    """

    as_of = serializers.DateTimeField(source="now")
    weight_kg = Thousandths(source="weight.grams", allow_null=True)
    infusion = GivenOut(allow_null=True, help_text="Null: no infusion was started.")
    medicines_given = LineOut(many=True)
    side_effects = serializers.ListField(source="effects", child=serializers.CharField())
    readings = LineOut(many=True)
    emergencies = EmergencyLogOut(many=True)
    medicines_at_home = serializers.ListField(child=serializers.CharField())
    contacts = ContactLineOut(many=True)
    prescriber = OnDutyOut(allow_null=True)
    site = PlaceOut(source="session.site")

    @staticmethod
    def get_infusion(row: Any) -> Any:
        return row if row.session.infusion_started_at else None

    @staticmethod
    def get_medicines_at_home(row: Any) -> list[str]:
        return [str(medicine) for medicine in row.medicines]


class AmbulanceSheetOut(serializers.Serializer[Any]):
    """One page for the ambulance crew: who this is, what was given and when, what was seen, whom to call."""

    person = PatientHeadOut(source="banner")
    sheet = SheetOut()


class LastTimeOut(LightSerializer):
    """The infusion before this one."""

    session = serializers.UUIDField(source="session.public_id")
    day = serializers.DateField(source="session.local_date")
    dose_mg = Thousandths(source="dose.dose_micrograms", allow_null=True)
    dose_mg_per_kg = Thousandths(source="dose.dose_micrograms_per_kg", allow_null=True)
    systolic = serializers.IntegerField(
        source="peak.systolic", allow_null=True, help_text="The highest, mmHg."
    )
    diastolic = serializers.IntegerField(
        source="peak.diastolic", allow_null=True, help_text="Of that reading."
    )
    minute = serializers.IntegerField(source="peak_minute", allow_null=True, help_text="After the start.")
    side_effects = serializers.ListField(source="effects", child=serializers.CharField())


class LastTimeCardOut(serializers.Serializer[Any]):
    """What to expect today, and how the patient wants it."""

    last = LastTimeOut(allow_null=True, help_text="Null before the first infusion.")
    helped = serializers.ListField(
        child=serializers.CharField(), help_text="What was done then, a line each."
    )
    wish = WishOut(allow_null=True, help_text="Null: never asked.")


class DowntimeSheetOut(LightSerializer):
    """One visit of the day as it stands on paper."""

    session = serializers.UUIDField(source="session.public_id")
    patient = serializers.UUIDField(source="session.patient.public_id")
    name = serializers.CharField(source="session.patient.full_name")
    birth_date = serializers.DateField(source="session.patient.birth_date")
    record_number = serializers.CharField()
    starts_at = serializers.DateTimeField(source="session.scheduled_start")
    chair = serializers.CharField(source="session.chair.name")
    status = serializers.CharField(source="session.status")
    protocol = serializers.CharField()
    allergies = serializers.ListField(child=serializers.CharField())
    allergies_asked = serializers.BooleanField(help_text="An empty list then means that there is none.")
    contacts = ContactLineOut(many=True)
    weight_kg = Thousandths(source="weight.grams", allow_null=True)
    dose_mg = Thousandths(source="dose.dose_micrograms", allow_null=True, help_text="Confirmed today.")
    rate_ml_per_hour = Thousandths(source="dose.rate_microlitres_per_hour", allow_null=True)
    readings_during = serializers.ListField(
        source="during", child=serializers.IntegerField(), help_text="Minutes from the start."
    )
    readings_after = serializers.ListField(
        source="after", child=serializers.IntegerField(), help_text="Minutes from the end."
    )

    @staticmethod
    def get_protocol(row: Any) -> str:
        return str(row.session.protocol_version)

    @staticmethod
    def get_allergies(row: Any) -> list[str]:
        return [str(allergy) for allergy in row.allergies]


class DowntimePackOut(LightSerializer):
    """The visits of a site's day that are not over, as of a moment."""

    site = PlaceOut()
    day = serializers.DateField()
    as_of = serializers.DateTimeField(source="now")
    answering = ResponsibleOut(many=True)
    sheets = DowntimeSheetOut(many=True)
