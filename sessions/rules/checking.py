"""The pre-infusion check: what the protocol asks, what has been answered, what still stands in the way."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Problem
from patients.models import SuicideReview
from sessions.models import (
    CheckAnswer,
    Course,
    DoseConfirmation,
    InfusionSession,
    WeightBasis,
    WeightMeasurement,
)
from sessions.rules import dosing
from sessions.rules.check_record import FromRecord, record_answers
from sessions.rules.check_words import waiting_words
from sessions.rules.preparing import standing_preparation
from sessions.rules.protocols import AUTOMATIC_ITEMS, CHECK_ITEMS, Requirement, check_items

SETTLED = frozenset(
    {CheckAnswer.Outcome.OK, CheckAnswer.Outcome.NOT_APPLICABLE, CheckAnswer.Outcome.OVERRIDDEN}
)

SAID_BY_A_PERSON = frozenset(
    {CheckAnswer.Outcome.OVERRIDDEN, CheckAnswer.Outcome.STOP, CheckAnswer.Outcome.WAIT}
)
"""Answers that count also where the record answers by itself: there is a reading, and it is too high."""

UNTIL_MEASURED_AGAIN = frozenset({CheckAnswer.Outcome.OVERRIDDEN, CheckAnswer.Outcome.WAIT})
"""Of those, what was said of one reading: the next one is judged anew."""


@dataclass(frozen=True, slots=True)
class ItemState:
    """One item of the check as it stands. ``outcome`` is empty while it is open.

    Attributes:
        answer: what a person has said today; None where nobody has, or where the record says it since.
        from_record: what the record says by itself, and in which words.
    """

    code: str
    label: Any
    requirement: Requirement
    outcome: str
    answer: CheckAnswer | None = None
    is_automatic: bool = False
    from_record: FromRecord | None = None

    @property
    def is_settled(self) -> bool:
        if self.requirement is Requirement.ADVISORY:
            return bool(self.outcome) and not self.is_waiting
        return self.outcome in SETTLED

    @property
    def blocks(self) -> bool:
        return self.requirement is Requirement.REQUIRED and not self.is_settled

    @property
    def is_waiting(self) -> bool:
        return self.outcome == CheckAnswer.Outcome.WAIT


def item_states(session: InfusionSession) -> list[ItemState]:
    """The items of the session's protocol with the answers that stand."""
    answers = {answer.item: answer for answer in session.check_answers.all()}
    asked = check_items(session.protocol_version.checklist)
    known = record_answers(session, asked, weight=valid_weight)
    return [_state(code, how, answers.get(code), known.get(code)) for code, how in asked.items()]


def _state(
    code: str, requirement: Requirement, answer: CheckAnswer | None, known: FromRecord | None
) -> ItemState:
    automatic = code in AUTOMATIC_ITEMS
    if answer and known and _is_measured_since(answer, known):
        answer = None
    if answer and (not automatic or answer.outcome in SAID_BY_A_PERSON):
        outcome = answer.outcome
    else:
        answer, outcome = None, known.outcome if known else ""
    return ItemState(code, CHECK_ITEMS[code], requirement, outcome, answer, automatic, known)


def _is_measured_since(answer: CheckAnswer, known: FromRecord) -> bool:
    measured = answer.outcome in UNTIL_MEASURED_AGAIN and known.entered_at is not None
    return measured and known.entered_at > answer.entered_at  # type: ignore[operator]


def valid_weight(session: InfusionSession) -> WeightMeasurement | None:
    """The patient's latest weight, if it was taken within the site's number of days before the visit."""
    since = session.scheduled_start - timedelta(days=session.site.rules.weight_valid_days)
    weights: Any = WeightMeasurement.objects.current()
    found: WeightMeasurement | None = (
        weights.filter(patient=session.patient_id, taken_at__gte=since).order_by("-taken_at", "-pk").first()
    )
    return found


def confirmed_dose(session: InfusionSession) -> DoseConfirmation | None:
    """The dose confirmation that stands: the last one."""
    doses: list[DoseConfirmation] = list(session.doses.all())
    return doses[-1] if doses else None


def dose_input(
    session: InfusionSession,
    weight: WeightMeasurement,
    *,
    duration_minutes: int | None = None,
    dosing_weight_grams: int | None = None,
) -> dosing.DoseInput:
    """The order, the protocol and the vial of a session as the input of the dose computation.

    Args:
        dosing_weight_grams: the weight that is dosed by, where it is not the measured one.
    """
    course, version = session.course, session.protocol_version
    drawn = standing_preparation(session)
    return dosing.DoseInput(
        weight_grams=dosing_weight_grams or weight.grams,
        micrograms_per_kg=course.dose_micrograms_per_kg,
        cap_micrograms=course.cap_micrograms,
        # What is in the syringe counts; until it is drawn up, what the protocol expects.
        concentration_micrograms_per_ml=(drawn or version).concentration_micrograms_per_ml,
        bag_microlitres=version.bag_volume_microlitres,
        duration_minutes=duration_minutes or course.duration_minutes,
        rounding_micrograms=version.rounding_micrograms or 0,
    )


def asks_for_dosing_weight(session: InfusionSession) -> bool:
    """Whether the protocol doses by another weight than the measured one; no formula is filled in for it."""
    return session.protocol_version.basis != WeightBasis.ACTUAL


def obstacles_of_order(session: InfusionSession) -> list[Problem]:
    """Why the order behind a session does not stand: closed course, protocol not usable, consent not in date."""
    course, found = session.course, []
    version = course.protocol_version
    if course.state != course.State.ACTIVE:
        message = _(
            "This course is closed, so there is no active order. A prescriber must order a new course."
        )
        found.append(Problem("order.inactive", message))
    elif version.is_stopped_for_safety:
        found.append(safety_problem(session.course))
    elif not version.still_stands_at(session.site):
        message = _(
            "%(protocol)s is not approved for this site. A prescriber must order under an approved version."
        )
        found.append(Problem("order.protocol", message, {"protocol": str(version)}))
    return [*found, *obstacles_of_consent(session)]


def safety_problem(course: Course) -> Problem:
    """That a later version was approved for safety, and the course still stands under an earlier one."""
    message = _(
        "%(protocol)s was replaced for safety. The prescriber moves this course to the new version first."
    )
    params = {"protocol": str(course.protocol_version)}
    return Problem("order.safety", message, params, link=f"/courses/{course.public_id}/move-version/")


def obstacles_of_consent(session: InfusionSession) -> list[Problem]:
    consent = session.course.consent
    if consent is not None and consent.is_in_date(session.local_date):
        return []
    message = _("There is no consent in date for this course. Record one before the infusion.")
    return [Problem("consent.not_in_date", message, link=f"/patients/{session.patient.public_id}/#consents")]


def obstacles_of_check(session: InfusionSession) -> list[Problem]:
    """A problem for every required item that is open, waits or says stop; consent is the order's own obstacle."""
    return [
        _obstacle(state, session)
        for state in item_states(session)
        if state.blocks and state.code != "consent"
    ]


def obstacles_of_suicide_reviews(session: InfusionSession) -> list[Problem]:
    """A problem for each open review that stands before an infusion: a prescriber closes it first."""
    message = _(
        "An answer on suicide waits for a prescriber's review. It is closed before an infusion starts."
    )
    reviews = SuicideReview.objects.filter(patient=session.patient_id).open().before_start()
    return [
        Problem("suicide_review.open", message, link=f"/patients/suicide-reviews/{public_id}/")
        for public_id in reviews.values_list("public_id", flat=True)
    ]


def _obstacle(state: ItemState, session: InfusionSession) -> Problem:
    link, item = f"#check-{state.code}", str(state.label)
    if state.is_waiting and state.answer and state.answer.waits_until:
        message = _("Waiting until %(time)s: %(reason)s. Then answer it again: %(item)s.")
        at = state.answer.waits_until.astimezone(session.site.zone).strftime("%H:%M")
        reason = waiting_words(state.code, state.answer.note)
        return Problem("check.waiting", message, {"time": at, "reason": reason, "item": item}, link=link)
    message = _("Open in the check: %(item)s. Settle it, or override it with a reason.")
    return Problem("check.open", message, {"item": item}, link=link)


def obstacles_of_identity(session: InfusionSession, by: Actor) -> list[Problem]:
    """Whoever clears has confirmed themselves who the patient is: another nurse's word is not enough."""
    asked = check_items(session.protocol_version.checklist).get("identity")
    if asked is not Requirement.REQUIRED:
        return []
    said = [answer for answer in session.check_answers.all() if answer.item == "identity"]
    confirmed = {answer.taken_by_id for answer in said if answer.outcome == CheckAnswer.Outcome.OK}
    # An identity that is open is the check's own obstacle; one that was overridden has its reason and its name.
    if not said or said[-1].outcome != CheckAnswer.Outcome.OK or by.user_id in confirmed:
        return []
    message = _(
        "You have not confirmed yourself who this is. Confirm it by two identifiers before you clear."
    )
    return [Problem("check.identity_own", message, link="#check-identity")]
