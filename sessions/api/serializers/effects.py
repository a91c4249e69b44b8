"""Side effects beyond the chair, follow-ups, quick phrases and rates, as the API takes and answers them."""

from typing import Any

from rest_framework import serializers

from sessions.api.fields import Instant, LongText, Reason, ShortText
from sessions.api.light import LightSerializer
from sessions.api.serializers.facts import FactOut, HowBadIn, SideEffectIn, SideEffectOut
from sessions.models import (
    CallAttempt,
    FollowUp,
    FollowUpEntry,
    LateEffect,
    QuickPhrase,
    SideEffect,
    SideEffectReview,
)
from sessions.reports.effect_rates import Rated, TermRates
from sessions.rules.effect_moments import MomentState
from sessions.rules.following_up import BY_HAND


class SheetIn(SideEffectIn):
    """A side effect and what was done about it, recorded as one."""

    steps = serializers.ListField(
        child=serializers.CharField(max_length=80),
        default=list,
        max_length=10,
        help_text="Such as pause. The entry's action_taken follows from them.",
    )


class MomentOut(LightSerializer):
    """A moment at which the protocol asks about side effects, and how it stands."""

    moment = serializers.CharField(source="code")
    label = serializers.CharField()  # type: ignore[assignment]
    state = serializers.ChoiceField(choices=[state.value for state in MomentState])
    answered_at = serializers.DateTimeField(allow_null=True)
    found = serializers.ListField(child=serializers.CharField())

    @staticmethod
    def get_label(row: Any) -> str:
        return str(row.label)


class LateEffectIn(HowBadIn):
    """A side effect that was told after the visit."""

    term = serializers.ChoiceField(choices=SideEffect._meta.get_field("term").flatchoices)
    reporter = serializers.ChoiceField(choices=LateEffect.Reporter.choices)
    channel = serializers.ChoiceField(choices=LateEffect.Channel.choices, default="phone")
    words = LongText(default="")
    is_over = serializers.BooleanField(default=False)
    onset_at = Instant(required=False)
    reported_at = Instant(required=False, help_text="Now, when left out.")


class LateEffectOut(FactOut):
    """Who told it, how, and the side effect itself; ``taken_at`` is when it was told."""

    reporter = serializers.ChoiceField(choices=LateEffect.Reporter.choices)
    channel = serializers.ChoiceField(choices=LateEffect.Channel.choices)
    words = serializers.CharField()
    side_effect = SideEffectOut()


class NarrativeIn(serializers.Serializer[Any]):
    """The whole narrative as it should read."""

    text = LongText()


class NarrativeOut(FactOut):
    """A version of the narrative; the highest number stands."""

    number = serializers.IntegerField()
    text = serializers.CharField()


class EffectReviewIn(serializers.Serializer[Any]):
    """A prescriber's judgement; a serious side effect which CTCAE has a term for needs a grade."""

    ctcae_code = serializers.CharField(max_length=12, allow_blank=True, default="")
    ctcae_grade = serializers.IntegerField(min_value=1, max_value=5, allow_null=True, default=None)
    causality = serializers.ChoiceField(choices=SideEffectReview.Causality.choices)
    outcome = serializers.ChoiceField(choices=SideEffectReview.Outcome.choices)
    comment = LongText(default="")


class EffectReviewOut(FactOut):
    """A review; the last one stands. The version is that of the CTCAE table which the grade is from."""

    ctcae_version = serializers.CharField()
    ctcae_code = serializers.CharField()
    ctcae_grade = serializers.IntegerField(allow_null=True)
    causality = serializers.ChoiceField(choices=SideEffectReview.Causality.choices)
    outcome = serializers.ChoiceField(choices=SideEffectReview.Outcome.choices)
    comment = serializers.CharField()


class FollowUpIn(serializers.Serializer[Any]):
    """A follow-up opened by hand."""

    kind = serializers.ChoiceField(choices=BY_HAND)
    reason = Reason()
    due_at = Instant(required=False, allow_null=True)


class FollowUpOut(LightSerializer):
    """Something still open for a patient, or done; ``due_at`` is null where the site has set no clock."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.ChoiceField(choices=FollowUp.Kind.choices)
    task = serializers.ChoiceField(choices=[("", ""), *FollowUp.Task.choices])
    label = serializers.CharField()  # type: ignore[assignment]
    site = serializers.UUIDField(source="site.public_id")
    patient = serializers.UUIDField(source="patient.public_id")
    session = serializers.UUIDField(source="session.public_id")
    side_effect = serializers.UUIDField(source="side_effect.public_id", allow_null=True)
    reason = serializers.CharField()
    due_at = serializers.DateTimeField(source="due", allow_null=True)
    opened_at = serializers.DateTimeField()
    assigned_to = serializers.UUIDField(source="carer_key", allow_null=True)
    attempts = serializers.IntegerField()
    is_closed = serializers.BooleanField(source="closed")

    @staticmethod
    def get_label(row: FollowUp) -> str:
        return str(row.label)


class FollowUpEntryOut(FactOut):
    """One thing that was done about it."""

    kind = serializers.ChoiceField(choices=FollowUpEntry.Kind.choices)
    text = serializers.CharField()
    result = serializers.ChoiceField(
        choices=[("", ""), *CallAttempt.Outcome.choices], help_text="Of a call: what came of it."
    )
    due_at = serializers.DateTimeField(allow_null=True, help_text="When to try again.")
    outcome = serializers.ChoiceField(choices=[("", ""), *FollowUpEntry.Outcome.choices])


class FollowUpNoteIn(serializers.Serializer[Any]):
    """What was found out."""

    text = LongText()


class AttemptIn(serializers.Serializer[Any]):
    """A call, and what came of it; after a no-show it is asked for."""

    result = serializers.ChoiceField(choices=CallAttempt.Outcome.choices, required=False)
    text = ShortText()
    taken_at = Instant(required=False, help_text="When it was; by default now.")
    due_at = Instant(required=False, allow_null=True)


class ReassignIn(serializers.Serializer[Any]):
    """Whose it is from now on."""

    user = serializers.UUIDField()
    text = ShortText()


class FollowUpCloseIn(serializers.Serializer[Any]):
    """It is done."""

    outcome = serializers.ChoiceField(choices=FollowUpEntry.Outcome.choices)
    text = LongText()


class PhraseChangesIn(serializers.Serializer[Any]):
    """What of a phrase changes."""

    text = serializers.CharField(max_length=200)
    position = serializers.IntegerField(min_value=0, max_value=999)
    is_in_use = serializers.BooleanField()


class PhraseIn(serializers.Serializer[Any]):
    """A new phrase."""

    text = serializers.CharField(max_length=200)
    position = serializers.IntegerField(min_value=0, max_value=999, default=0)


class PhraseOut(serializers.ModelSerializer[QuickPhrase]):
    """A quick phrase of a site."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.UUIDField(source="site.public_id")

    class Meta:
        model = QuickPhrase
        fields = ["id", "site", "text", "position", "is_in_use", "revision"]


class RateOut(serializers.Serializer[Any]):
    """A count, and how many that is per 100 infusions; null without infusions."""

    count = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)


class TermRatesOut(LightSerializer):
    """One side effect by its worst severity; the sum of all has an empty term."""

    term = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    all = RateOut()
    mild = RateOut()
    moderate = RateOut()
    severe = RateOut()
    serious = RateOut()
    patients = serializers.IntegerField()

    @staticmethod
    def get_label(row: TermRates) -> str:
        return str(row.label)

    @staticmethod
    def get_mild(row: TermRates) -> Rated:
        return row.by_severity[0]

    @staticmethod
    def get_moderate(row: TermRates) -> Rated:
        return row.by_severity[1]

    @staticmethod
    def get_severe(row: TermRates) -> Rated:
        return row.by_severity[2]


class EffectRatesOut(serializers.Serializer[Any]):
    """Per 100 infusions started between two days, both counted."""

    first = serializers.DateField(source="period.first")
    last = serializers.DateField(source="period.last")
    infusions = serializers.IntegerField(source="infusions.count")
    side_effects = TermRatesOut(source="rows", many=True)
    total = TermRatesOut()
