"""The huddle sheet against a naive second look at the rows: a query for every question."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.models import Assessment, Authorization, Consent, Contact
from patients.operations.assessing import correct_assessment, record_assessment
from patients.operations.consenting import revoke_consent
from patients.operations.entries import add_entry, end_entry
from sessions.models import InfusionSession, SideEffectEntry, VitalSigns, WeightMeasurement
from sessions.operations import arriving, leaving, monitoring
from sessions.operations.booking import book
from sessions.operations.planning import close_course
from sessions.operations.readiness import answer_readiness, log_call
from sessions.reports.readiness import readiness, readiness_of
from sessions.states import PRESENT, Status
from tests.patients.scenes import phq9
from tests.sessions.scenes import NOON, booked_session, make_clinic, make_course, make_patient, session_at

TODAY = NOON.date()
SOON, TOMORROW = NOON + timedelta(hours=2), NOON + timedelta(days=1)


@pytest.fixture
def clinic(db):
    return make_clinic(now=NOON - timedelta(days=60), chairs=8)


@pytest.fixture
def known(clinic):
    """Treated twelve days ago; everything is settled but the score."""
    course = make_course(clinic, now=NOON - timedelta(days=30))
    patient = course.patient
    session_at(Status.DISCHARGED, clinic=clinic, now=NOON - timedelta(days=30), course=course)
    last = session_at(Status.INFUSING, clinic=clinic, now=NOON - timedelta(days=5), course=course)
    troubled(clinic, last, NOON - timedelta(days=5))
    session = booked_session(clinic, starts_at=SOON, course=course, chair=clinic.chairs[7])
    score(clinic, patient, 20, "gad7", {f"gad7_{n}": 1 for n in range(1, 8)})
    score(clinic, patient, 30, "phq9", phq9(1, 1, 1, 1, 1, 1, 1, 1, 3))
    score(clinic, patient, 5, "phq9", phq9(1, 1, 1, 1, 1, 1, 1, 1, 2))
    authorize(clinic, patient, 6, days=40)
    add_entry(
        entry=Contact(patient=patient, kind="escort", name="Eva Ruiz", phone="617 555 0102"), by=clinic.desk
    )
    at = NOON - timedelta(days=1)
    answer_readiness(session=session, item="ride", outcome="open", by=clinic.desk, now=at)
    answer_readiness(session=session, item="ride", outcome="settled", note="Eva", by=clinic.desk, now=NOON)
    answer_readiness(session=session, item="fasting", outcome="settled", by=clinic.desk, now=NOON)
    log_call(session=session, outcome="no_answer", by=clinic.desk, now=at)
    log_call(session=session, outcome="reached", by=clinic.desk, now=NOON)
    return session


def troubled(clinic, session, now):
    """Two readings after the start, the higher one first, and side effects of several grades."""
    start = session.infusion_started_at
    for minute, pressure in ((3, (162, 95)), (8, (150, 90))):
        values = {"systolic": pressure[0], "diastolic": pressure[1], "heart_rate": 80}
        at = start + timedelta(minutes=minute)
        monitoring.record_vital_signs(
            session=session, values=values, confirmed=True, taken_at=at, by=clinic.nurse, now=now
        )
    nausea = monitoring.report_side_effect(session=session, term="nausea", grade=2, by=clinic.nurse, now=now)
    monitoring.update_side_effect(side_effect=nausea, grade=1, by=clinic.nurse, now=now)
    monitoring.report_side_effect(session=session, term="headache", grade=1, by=clinic.nurse, now=now)


def score(clinic, patient, days, instrument, answers):
    at = NOON - timedelta(days=days)
    return record_assessment(
        patient=patient, instrument=instrument, answers=answers, by=clinic.nurse, taken_at=at, now=at
    )


def authorize(clinic, patient, infusions, *, days, until=None):
    entry = Authorization(
        patient=patient,
        payer="Blue",
        infusions=infusions,
        valid_from=TODAY - timedelta(days=days),
        valid_until=until,
    )
    return add_entry(entry=entry, by=clinic.desk, now=NOON)


def sheet(clinic, first=TODAY):
    return readiness(clinic.site, first=first, actor=clinic.nurse)


def one(session, clinic):
    return readiness_of(InfusionSession.objects.get(pk=session.pk), actor=clinic.nurse)


def test_a_treated_patient_who_is_almost_ready(clinic, known):
    (visit,) = sheet(clinic)[0].visits
    assert (visit.ride.note, visit.fasting.outcome) == ("Eva", "settled")
    assert [call.outcome for call in visit.calls] == ["no_answer", "reached"]
    assert visit.escort.name == "Eva Ruiz"
    assert (visit.consent_in_date, visit.order_problems, visit.is_first) == (True, (), False)
    assert (visit.weight_age, visit.weight_valid) == (5, True)
    assert [(due.code, due.last) for due in visit.scores_due] == [("gad7", date(2026, 2, 18))]
    assert (visit.cover.kind, visit.cover.left, visit.cover.until) == ("covered", 4, None)
    assert (visit.item_nine.answer, visit.item_nine.day) == (2, date(2026, 3, 5))
    last = visit.last_time
    assert (last.highest, last.minute, last.rise) == ((162, 95), 3, 40)
    assert (last.effect, last.grade) == ("Nausea", 2)
    assert visit.missing == ("scores",)


def test_a_new_patient_of_whom_nothing_is_known(clinic):
    course = make_course(clinic, consented=False, now=NOON - timedelta(days=6))
    session = book(course=course, chair=None, starts_at=SOON, by=clinic.desk, now=NOON)
    visit = one(session, clinic)
    assert visit.is_first
    assert (visit.last_time, visit.item_nine, visit.last_call, visit.weight_age) == (None, None, None, None)
    assert [due.last for due in visit.scores_due] == [None, None]
    assert (visit.cover.kind, visit.cover.is_missing) == ("none", False)
    assert visit.missing == ("ride", "fasting", "consent", "weight", "scores", "chair")


def test_an_answer_that_is_open_is_missing_and_one_that_does_not_apply_is_not(clinic, known):
    answer_readiness(session=known, item="ride", outcome="open", by=clinic.desk, now=SOON)
    told = {"item": "fasting", "outcome": "not_needed", "note": "Had it in writing"}
    answer_readiness(session=known, by=clinic.desk, now=SOON, **told)
    assert one(known, clinic).missing == ("ride", "scores")


@pytest.mark.parametrize(("days", "is_due"), [(13, False), (14, True), (15, True)])
def test_a_questionnaire_is_due_after_the_days_that_it_asks_about(clinic, days, is_due):
    session = booked_session(clinic, starts_at=SOON)
    score(clinic, session.patient, days, "phq9", phq9(*[1] * 9))
    assert ("phq9" in [due.code for due in one(session, clinic).scores_due]) == is_due


def test_a_corrected_answer_to_item_nine_counts_as_it_stands(clinic, known):
    last = Assessment.objects.filter(patient=known.patient, instrument_code="phq9").latest("taken_at")
    correct_assessment(
        assessment=last, answers=phq9(*[1] * 8, 0), reason="Read wrongly", by=clinic.nurse, now=NOON
    )
    assert one(known, clinic).item_nine is None


@pytest.mark.parametrize(
    ("infusions", "days", "until", "kind", "left"),
    [
        (6, 40, None, "covered", 4),
        (6, 40, 0, "covered", 4),
        (6, 40, -1, "lapsed", None),
        (6, 10, None, "covered", 5),
        (6, -1, None, "lapsed", None),
        (2, 40, None, "used_up", 0),
        (1, 40, None, "used_up", 0),
    ],
)
def test_what_is_left_of_an_authorization_on_the_day(clinic, known, infusions, days, until, kind, left):
    for entry in Authorization.objects.filter(patient=known.patient):
        end_entry(
            entry=entry,
            by=clinic.desk,
            expected_revision=1,
            entered_in_error=True,
            reason="Another one's",
            now=NOON,
        )
    assert one(known, clinic).cover.kind == "none"
    last = None if until is None else TODAY + timedelta(days=until)
    authorize(clinic, known.patient, infusions, days=days, until=last)
    cover = one(known, clinic).cover
    assert (cover.kind, cover.left) == (kind, left)
    assert cover.is_missing == (kind != "covered")


def test_one_authorization_follows_another(clinic, known):
    authorize(clinic, known.patient, 12, days=3, until=TODAY + timedelta(days=30))
    cover = one(known, clinic).cover
    assert (cover.left, cover.until) == (6 + 12 - 2, None)


def test_the_order_and_the_consent_on_that_day(clinic, known):
    consent = Consent.objects.get(patient=known.patient)
    told = {"by": clinic.nurse, "expected_revision": consent.revision, "now": NOON}
    revoke_consent(consent=consent, reason="Changed her mind", revoked_on=TODAY, **told)
    assert one(known, clinic).missing == ("consent", "scores")
    running = InfusionSession.objects.present().get(patient=known.patient)
    leaving.leave(session=running, by=clinic.desk, now=NOON)
    close_course(
        course=known.course, state="stopped", code="other", reason="x", by=clinic.prescriber, now=NOON
    )
    visit = one(known, clinic)
    assert visit.missing == ("consent", "order", "scores")
    assert [problem.code for problem in visit.order_problems] == ["order.inactive"]


def test_booked_against_rules_is_told_in_words(clinic, known):
    other = make_course(clinic, now=NOON - timedelta(days=6))
    told = {"override_reason": "Urgent", "by": clinic.nurse, "now": NOON}
    session = book(course=other, chair=known.chair, starts_at=SOON, **told)
    visit = one(session, clinic)
    assert "the chair is taken" in [str(word) for word in visit.against]
    assert visit.booking.override_reason == "Urgent"


def everything(clinic):
    """Visits of every status today and tomorrow, and of days beside them."""
    for number, status in enumerate([Status.SCHEDULED, Status.READY, Status.INFUSING, Status.DISCHARGED]):
        session_at(status, clinic=clinic, now=NOON, chair=clinic.chairs[number])
    session_at(Status.NO_SHOW, clinic=clinic, now=NOON, chair=clinic.chairs[4])
    gone = booked_session(clinic, starts_at=SOON, chair=clinic.chairs[5])
    arriving.cancel(session=gone, by=clinic.desk, reason="A cold", now=NOON)
    for days in (-1, 1, 2):
        booked_session(clinic, starts_at=NOON + timedelta(days=days), chair=clinic.chairs[6])
    session_at(Status.SCHEDULED, clinic=make_clinic("south", now=NOON - timedelta(days=60)), now=NOON)


def test_two_days_of_visits_that_are_not_over(clinic, known):
    everything(clinic)
    today, tomorrow = sheet(clinic)
    assert (today.day, tomorrow.day) == (TODAY, TODAY + timedelta(days=1))
    expected = [
        row.public_id
        for row in InfusionSession.objects.order_by("scheduled_start", "pk")
        if row.site_id == clinic.site.pk
        and row.local_date in {today.day, tomorrow.day}
        and (row.status == "scheduled" or row.state in PRESENT)
    ]
    found = [visit.session.public_id for day in (today, tomorrow) for visit in day.visits]
    assert found == expected
    assert [len(day.visits) for day in (today, tomorrow)] == [4, 1]
    assert sheet(clinic, first=TODAY + timedelta(days=5))[0].visits == ()


def test_every_line_is_what_the_rows_say(clinic, known):
    everything(clinic)
    for day in sheet(clinic):
        assert day.ready == sum(not naive_missing(visit.session) for visit in day.visits)
        for visit in day.visits:
            session = InfusionSession.objects.get(pk=visit.session.pk)
            assert visit.missing == naive_missing(session)
            assert (visit.last_time is None) == (naive_last(session) is None)
            if visit.last_time:
                naive_worst(visit.last_time, naive_last(session))


def naive_missing(session):
    """Once more, one question after the other."""
    course, day, patient = session.course, session.local_date, session.patient
    missing = []
    for item in ("ride", "fasting"):
        answer = session.readiness_answers.filter(item=item).order_by("taken_at", "pk").last()
        if answer is None or answer.outcome == "open":
            missing.append(item)
    consent = course.consent
    if (
        consent is None
        or consent.given_on > day
        or consent.revoked_on
        and consent.revoked_on <= day
        or consent.valid_until
        and consent.valid_until < day
    ):
        missing.append("consent")
    if course.state != "active" or course.protocol_version.state != "approved":
        missing.append("order")
    limit = session.scheduled_start - timedelta(days=session.site.rules.weight_valid_days)
    weights = WeightMeasurement.objects.filter(patient=patient, taken_at__gte=limit)
    if not weights.exists():
        missing.append("weight")
    if any(naive_is_due(patient, code, day) for code in course.protocol_version.instruments):
        missing.append("scores")
    given = InfusionSession.objects.filter(patient=patient, infusion_started_at__isnull=False)
    authorizations = Authorization.objects.filter(patient=patient, entered_in_error=False)
    left = [
        one.infusions - given.filter(local_date__gte=one.valid_from).count()
        for one in authorizations
        if one.valid_from <= day and (one.valid_until is None or day <= one.valid_until)
    ]
    if authorizations and not any(number > 0 for number in left):
        missing.append("authorization")
    if session.booking.is_chair_provisional:
        missing.append("chair")
    return tuple(missing)


def naive_is_due(patient, code, day):
    for row in Assessment.objects.filter(patient=patient, instrument_code=code):
        if (day - row.taken_at.astimezone(NOON.tzinfo).date()).days < 14:
            return False
    return True


def naive_last(session):
    rows = InfusionSession.objects.filter(patient=session.patient, infusion_started_at__isnull=False)
    rows = rows.exclude(pk=session.pk).filter(infusion_started_at__lt=session.scheduled_start)
    return rows.order_by("infusion_started_at").last()


def naive_worst(told, last):
    begun = last.infusion_started_at
    rows = [row for row in VitalSigns.objects.filter(session=last) if row.systolic]
    after = [row for row in rows if row.taken_at >= begun]
    before = [row for row in rows if row.taken_at < begun]
    highest = sorted(after, key=lambda row: (row.systolic, row.diastolic))[-1]
    assert told.highest == (highest.systolic, highest.diastolic)
    assert told.minute == (highest.taken_at - begun).seconds // 60
    assert told.rise == highest.systolic - before[-1].systolic
    grades = [row.grade for row in SideEffectEntry.objects.filter(session=last)]
    assert told.grade == (max(grades) if grades else None)


def test_the_number_of_queries_does_not_grow(clinic, known, django_assert_num_queries):
    # Sessions with their answers and calls and who entered them; scores, authorizations, escorts, what was given;
    # the sessions before with their readings, named baselines, side effects and entries.
    with CaptureQueriesContext(connection) as counted:
        sheet(clinic)
    assert len(counted) == 14
    again = make_patient(clinic, now=NOON - timedelta(days=30))
    course = make_course(clinic, patient=again, now=NOON - timedelta(days=30))
    last = session_at(
        Status.INFUSING, clinic=clinic, now=NOON - timedelta(days=4), course=course, chair=clinic.chairs[1]
    )
    troubled(clinic, last, NOON - timedelta(days=4))
    session = booked_session(clinic, starts_at=TOMORROW, course=course, chair=clinic.chairs[2])
    answer_readiness(session=session, item="ride", outcome="open", by=clinic.desk, now=NOON)
    log_call(session=session, outcome="reached", by=clinic.nurse, now=NOON)
    authorize(clinic, again, 3, days=10)
    with django_assert_num_queries(14):
        (first,), (second,) = (day.visits for day in sheet(clinic))
    assert first.session.pk == known.pk and second.session.pk == session.pk


def test_it_shows_nothing_of_other_sites(clinic, known):
    stranger = make_clinic("south", now=NOON - timedelta(days=60)).nurse
    assert [day.visits for day in readiness(clinic.site, first=TODAY, actor=stranger)] == [(), ()]
