"""Proposals for a course's next infusions: the wishes in the address, the times and the reasons in the answer."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from clinic.facilities.models import Weekday
from sessions.api.light import LightSerializer
from sessions.forms.series import MOST_ROWS
from sessions.rules.free_times import Cause
from sessions.rules.proposing import Yielded
from sessions.rules.wishes import LONGEST_SPACING


class ProposalsIn(serializers.Serializer[Any]):
    """What suits the patient; what is left out is not asked for."""

    number = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_ROWS,
        help_text="Left out: all that are still to be booked.",
    )
    weekdays = serializers.MultipleChoiceField(
        choices=Weekday.choices, required=False, help_text="0 is Monday; none: any day."
    )
    starts_from = serializers.TimeField(required=False, help_text="On the clocks of the site.")
    starts_until = serializers.TimeField(required=False)
    chair = serializers.UUIDField(required=False, help_text="The chair that is preferred.")
    leave_chair_open = serializers.BooleanField(
        required=False, default=False, help_text="The chair is assigned at check-in."
    )
    first_day = serializers.DateField(required=False)
    spacing = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LONGEST_SPACING,
        help_text="Days from one infusion to the next that are aimed at, in place of the protocol's.",
    )

    def validate_first_day(self, day: date) -> date:
        if not 2000 <= day.year < 2200:
            raise serializers.ValidationError(_("Choose a day between 2000 and 2200."), code="range")
        return day

    def validate(self, typed: dict[str, Any]) -> dict[str, Any]:
        first, last = typed.get("starts_from"), typed.get("starts_until")
        if first and last and last < first:
            text = _("The latest start cannot be before the earliest one.")
            raise serializers.ValidationError({"starts_until": text}, code="times")
        return typed


class ProposedWindowOut(LightSerializer):
    """The days on which an infusion belongs."""

    after = serializers.DateField(allow_null=True, help_text="The infusion before; null for the first.")
    earliest = serializers.DateField()
    target = serializers.DateField()
    latest = serializers.DateField(allow_null=True, help_text="Null: lateness is not checked.")


class DeclinedOut(LightSerializer):
    """Moments of a wished day that are not offered, from the first to the last of them; null for the whole day."""

    day = serializers.DateField()
    first = serializers.DateTimeField(allow_null=True)
    last = serializers.DateTimeField(allow_null=True)
    code = serializers.ChoiceField(choices=[cause.value for cause in Cause])
    detail = serializers.CharField()


class ProposalOut(LightSerializer):
    """Where one infusion should go, or that nothing is free."""

    number = serializers.IntegerField(help_text="Its place in the series, from 1.")
    window = ProposedWindowOut()
    starts_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    chair = serializers.UUIDField(allow_null=True, help_text="Null: assigned at check-in.")
    chair_name = serializers.CharField()
    is_late = serializers.BooleanField()
    gave_way = serializers.ChoiceField(
        choices=[yielded.value for yielded in Yielded],
        help_text="Which wish had to; they give way in this order, and with `all` nothing is free.",
    )
    note = serializers.CharField(allow_blank=True, help_text="The same in words.")
    not_offered = DeclinedOut(many=True, help_text="Why wished moments near this one were not proposed.")


class ProposalsOut(LightSerializer):
    """The series; times and chairs can be sent on as they stand to be booked."""

    course = serializers.UUIDField()
    to_book = serializers.IntegerField(help_text="How many infusions the order still leaves.")
    results = ProposalOut(many=True)
