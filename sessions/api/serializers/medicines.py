"""Orders for medicines, what was given by them, and who answers. Amounts are decimal strings, units in the names."""

from typing import Any

from rest_framework import serializers

from clinic.common.errors import Invalid, Problem
from sessions.api.fields import Instant, ShortText, Thousandths, Typed
from sessions.api.light import LightSerializer
from sessions.api.serializers.facts import CorrectableOut, FactOut, ObstacleOut
from sessions.models import (
    DoseUnit,
    MedicationEffect,
    MedicineOrder,
    OrderAnswer,
    ResponsiblePrescriber,
    Route,
    StandingOrder,
)
from sessions.models.side_effect_terms import SIDE_EFFECT_TERMS
from sessions.operations.ordering_medicines import SAID

TERMS = [term.code for term in SIDE_EFFECT_TERMS]


class Amount(Typed):
    """A dose as it is said, in the unit beside it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=10, decimal_places=3, **kwargs)


class ResponsibleIn(serializers.Serializer[Any]):
    """Who answers for a site, from when until when."""

    site = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ResponsiblePrescriber.Kind.choices)
    user = serializers.UUIDField()
    presence = serializers.ChoiceField(choices=ResponsiblePrescriber.Presence.choices)
    phone = serializers.CharField(max_length=40, allow_blank=True, default="")
    starts_at = Instant()
    ends_at = Instant()


class ResponsibleOut(LightSerializer):
    """Somebody who answers for a site."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.UUIDField(source="site.public_id")
    kind = serializers.ChoiceField(choices=ResponsiblePrescriber.Kind.choices)
    user = serializers.UUIDField(source="user.public_id")
    name = serializers.CharField(source="user.printed_name")
    presence = serializers.ChoiceField(choices=ResponsiblePrescriber.Presence.choices)
    phone = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    named_by = serializers.CharField(source="named_by.printed_name")
    is_withdrawn = serializers.BooleanField()
    revision = serializers.IntegerField()


class SaidIn(serializers.Serializer[Any]):
    """What every order says."""

    medicine = serializers.CharField(max_length=80, allow_blank=True)
    dose = Amount(help_text="One dose, in unit.")
    unit = serializers.ChoiceField(choices=DoseUnit.choices)
    route = serializers.ChoiceField(choices=Route.choices)
    indication = serializers.CharField(max_length=200, allow_blank=True)
    max_session = Amount(
        required=False,
        allow_null=True,
        default=None,
        help_text="At most in one session, in unit; null: one dose.",
    )


def said_of(data: dict[str, Any]) -> dict[str, Any]:
    """What an order says, taken out of a body."""
    return {name: data.pop(name) for name in SAID}


class SaidOut(LightSerializer):
    """Base: what an order says."""

    id = serializers.UUIDField(source="public_id")
    medicine = serializers.CharField()
    dose = serializers.CharField(source="dose_typed", help_text="As said, in unit.")
    unit = serializers.ChoiceField(source="dose_unit", choices=DoseUnit.choices)
    dose_mg = Thousandths(source="dose_micrograms")
    route = serializers.ChoiceField(choices=Route.choices)
    indication = serializers.CharField()
    max_session_mg = Thousandths(source="most", help_text="At most in one session.")


class StandingOrderChange(SaidIn):
    """What a standing order says."""

    is_example = serializers.BooleanField(default=False)
    valid_until = serializers.DateField(required=False, allow_null=True, default=None)
    for_side_effects = serializers.ListField(
        child=serializers.ChoiceField(choices=TERMS), default=list, max_length=len(TERMS)
    )

    def validate_valid_until(self, day: Any) -> Any:
        if day is not None and not 2000 <= day.year < 2200:
            raise serializers.ValidationError("Enter a day between 2000 and 2199.", code="range")
        return day


class StandingOrderIn(StandingOrderChange):
    """A standing order of one site, or of all of them."""

    code = serializers.SlugField(max_length=40)
    site = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="Null: every site.")


class StandingOrderOut(SaidOut):
    """One version of a standing order."""

    code = serializers.CharField()
    number = serializers.IntegerField()
    site = serializers.UUIDField(source="site.public_id", allow_null=True)
    state = serializers.ChoiceField(choices=StandingOrder.State.choices)
    is_example = serializers.BooleanField()
    valid_until = serializers.DateField(allow_null=True)
    for_side_effects = serializers.ListField(child=serializers.CharField())
    drafted_by = serializers.CharField(source="drafted_by.printed_name")
    approved_by = serializers.CharField(source="approved_by.printed_name", allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    revision = serializers.IntegerField()


class MedicineOrderIn(SaidIn):
    """An order for this session. With ``ordered_by`` it is a verbal one, in its exact words and read back."""

    ordered_by = serializers.UUIDField(required=False, allow_null=True, default=None)
    words = ShortText()
    read_back = serializers.BooleanField(default=False)
    taken_at = Instant(required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if data["ordered_by"] is None and (data["words"] or data["read_back"]):
            raise Invalid({"ordered_by": Problem("verbal.person", "Say who gave the verbal order.")})
        return data


class OrderAnswerOut(FactOut):
    """The prescriber's answer for a verbal order."""

    verdict = serializers.ChoiceField(choices=OrderAnswer.Verdict.choices)
    words = serializers.CharField()


class MedicineOrderOut(SaidOut):
    """An order for a session; ``answer`` is null while a verbal one waits."""

    session = serializers.UUIDField(source="session.public_id")
    kind = serializers.ChoiceField(choices=MedicineOrder.Kind.choices)
    words = serializers.CharField()
    was_read_back = serializers.BooleanField()
    cosign_due_at = serializers.DateTimeField(allow_null=True)
    ordered_at = serializers.DateTimeField(source="taken_at")
    ordered_by = serializers.CharField(source="taken_by.printed_name")
    entered_at = serializers.DateTimeField()
    entered_by = serializers.CharField(source="entered_by.printed_name")
    answer = OrderAnswerOut(allow_null=True)

    @staticmethod
    def get_answer(row: MedicineOrder) -> Any:
        return getattr(row, "answer", None)


class AnswerIn(serializers.Serializer[Any]):
    """Co-signed, or disputed with words."""

    verdict = serializers.ChoiceField(choices=OrderAnswer.Verdict.choices)
    words = ShortText()


class MedicineIn(serializers.Serializer[Any]):
    """A medicine that was given, by a standing order, an order of the session, or none with the reason."""

    standing_order = serializers.UUIDField(required=False, allow_null=True, default=None)
    order = serializers.UUIDField(required=False, allow_null=True, default=None)
    medicine = serializers.CharField(max_length=80, allow_blank=True, default="")
    dose = Amount(help_text="The dose that was given, in unit. It is always said.")
    unit = serializers.ChoiceField(choices=DoseUnit.choices)
    route = serializers.ChoiceField(choices=[("", ""), *Route.choices], default="")
    indication = serializers.CharField(max_length=200, allow_blank=True, default="")
    side_effect = serializers.UUIDField(required=False, allow_null=True, default=None)
    departure_reason = ShortText()
    taken_at = Instant(required=False)


class MedicationEffectIn(serializers.Serializer[Any]):
    """What a medicine did."""

    outcome = serializers.ChoiceField(choices=MedicationEffect.Outcome.choices)
    note = ShortText()
    taken_at = Instant(required=False)


class MedicationEffectOut(FactOut):
    """What was seen of a medicine."""

    outcome = serializers.ChoiceField(choices=MedicationEffect.Outcome.choices)
    note = serializers.CharField()


class MedicineOut(CorrectableOut):
    """A medicine that was given; the last of its effects stands."""

    standing_order = serializers.UUIDField(source="standing_order.public_id", allow_null=True)
    order = serializers.UUIDField(source="order.public_id", allow_null=True)
    medicine = serializers.CharField()
    dose = serializers.CharField(source="dose_typed")
    unit = serializers.ChoiceField(source="dose_unit", choices=DoseUnit.choices)
    dose_mg = Thousandths(source="dose_micrograms")
    route = serializers.ChoiceField(choices=Route.choices)
    indication = serializers.CharField()
    side_effect = serializers.UUIDField(source="side_effect.public_id", allow_null=True)
    obstacles = ObstacleOut(many=True)
    departure_reason = serializers.CharField()
    effects = MedicationEffectOut(many=True)
