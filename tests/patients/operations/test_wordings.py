"""Licensed wording: who enters and approves it, where it is seen, until when, and what is recorded in it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from clinic.accounts.patient_account import patient_by_link
from clinic.accounts.permissions import DEFAULT_ROLES, Permission
from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from patients.models import Assessment, LicensedWording, SuicideReview
from patients.operations.assessing import correct_assessment, record_assessment
from patients.operations.one_time_links import answer_link, begin_link, keep_answers, make_link
from patients.operations.wordings import approve_wording, withdraw_wording
from patients.reports.wordings import as_answered, asked_at, questionnaires_at
from patients.rules.one_time_links import askable, asked_in, shown_at
from patients.rules.wordings import in_force
from patients.scoring.registry import CURRENT, LICENSABLE
from tests.patients.scenes import registered_patient
from tests.patients.wordings import FROM, approved, entered, placeholders
from tests.refusals import refused
from tests.scenes import make_site, staff
from tests.sessions.check_ins import make_ready

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 16, tzinfo=UTC)
"""A Tuesday, noon in New York."""
LAST = datetime(2027, 1, 1, 4, 59, tzinfo=UTC)
"""The last minute of the licence's last day, on the clocks of the site."""
OVER = LAST + timedelta(minutes=1)


@pytest.fixture
def site():
    return make_ready(make_site())


@pytest.fixture
def patient(site):
    return registered_patient(site=site)


@pytest.fixture
def nurse(site):
    return staff("nurse", site)


@pytest.fixture
def keeper(site):
    return staff("administrator", site)


def by_link(link):
    return patient_by_link(link_id=str(link.public_id), site_id=link.site_id)


def linked(patient, site, nurse, *parts, now=NOW, days=10):
    told = {"purpose": "asked", "expires_at": now + timedelta(days=days), "now": now}
    link, _secret = make_link(patient=patient, site=site, parts=list(parts), by=nurse, **told)
    return begin_link(link=link, by=by_link(link), now=now)


@pytest.mark.parametrize("role", DEFAULT_ROLES)
def test_who_may_keep_wordings(site, keeper, role):
    wording, by = entered(site, "qids", keeper, now=NOW), staff(role, site)
    acts = (
        lambda: entered(site, "qids", by, now=NOW),
        lambda: approve_wording(wording=wording, by=by, now=NOW),
        lambda: withdraw_wording(wording=wording, by=by, reason="Ended", now=NOW),
    )
    for act in acts:
        if Permission.LICENSE_WORDING in DEFAULT_ROLES[role][1]:
            act()
        else:
            with refused(Refused, "permission.missing"):
                act()


def test_the_right_is_held_at_a_site(site):
    elsewhere = staff("administrator", make_site("south"))
    with refused(Refused, "permission.missing"):
        entered(site, "qids", elsewhere, now=NOW)


@pytest.mark.parametrize("code", sorted(LICENSABLE))
def test_every_licensed_questionnaire_is_shown_in_words_and_scored_as_by_number(site, keeper, code):
    wording = approved(site, code, keeper, now=NOW)
    worded, plain = asked_at(site, code, language="en", now=NOW).instrument, wording.base
    assert [item.text for item in worded.items] == [f"{item.text}, as licensed" for item in plain.items]
    assert worded.items[0].choices[0].text == f"Lowest of {plain.items[0].text}"
    assert worded.items[0].choices[1].text == plain.items[0].choices[1].text
    assert worded.shows_wording and not worded.ships_wording
    for answer in (0, 1):
        given = {item.code: answer for item in plain.items}
        assert worded.score(given) == plain.score(given)


def test_what_this_software_brings_is_not_entered(site, keeper):
    for code in ("phq9", "gad7", "mood", "nothing"):
        with refused(Invalid, "wording.instrument"):
            entered(site, code, keeper, now=NOW, items={})


@pytest.mark.parametrize(
    ("told", "field", "code"),
    [
        ({"items": {}}, "items.qids_1.text", "wording.text"),
        ({"items": placeholders("qids", qids_3={"text": " "})}, "items.qids_3.text", "wording.text"),
        ({"items": placeholders("qids", qids_17={"text": "x"})}, "items.qids_17", "wording.item"),
        (
            {"items": placeholders("qids", qids_3={"text": "x", "answers": {"4": "y"}})},
            "items.qids_3.answers.4",
            "wording.answer",
        ),
        ({"items": placeholders("qids", qids_3={"text": "x" * 2001})}, "items.qids_3.text", "wording.long"),
        ({"items": placeholders("qids", qids_3={"text": "a\0b"})}, "items.qids_3.text", "text.unreadable"),
        ({"licensed_until": FROM - timedelta(days=1)}, "licensed_until", "wording.licence_days"),
        ({"language": "xx"}, "language", "wording.language"),
        ({"stem": " "}, "stem", "field.blank"),
        ({"licence_holder": ""}, "licence_holder", "field.blank"),
        ({"licence_reference": ""}, "licence_reference", "field.blank"),
    ],
)
def test_what_makes_no_wording_is_said_by_field(site, keeper, told, field, code):
    with pytest.raises(Invalid) as error, transaction.atomic():
        entered(site, "qids", keeper, now=NOW, **told)
    assert error.value.fields[field][0].code == code
    assert not LicensedWording.objects.exists()


def test_nothing_is_shown_before_approval_nor_outside_the_licence(site, keeper):
    wording = entered(site, "qids", keeper, now=NOW)
    assert in_force(site, now=NOW) == []
    approve_wording(wording=wording, by=keeper, now=NOW)
    assert in_force(site, now=NOW) == [wording]
    assert [len(in_force(site, now=at)) for at in (LAST, OVER)] == [1, 0]


def test_a_licence_without_a_last_day_does_not_end(site, keeper):
    approved(site, "qids", keeper, now=NOW, licensed_until=None)
    assert len(in_force(site, now=NOW + timedelta(days=3650))) == 1


def test_a_licence_that_begins_later_waits_for_its_day(site, keeper):
    approved(site, "qids", keeper, now=NOW, licensed_from=date(2026, 4, 1))
    (line,) = [one for one in questionnaires_at(site, now=NOW) if one.instrument.code == "qids"]
    assert (line.versions[0].standing, line.used) == ("later", ())
    april = datetime(2026, 4, 1, 4, tzinfo=UTC)
    assert [len(in_force(site, now=at)) for at in (april - timedelta(minutes=1), april)] == [0, 1]


def test_the_version_approved_last_stands_and_the_one_before_is_replaced(site, keeper):
    first, second = approved(site, "qids", keeper, now=NOW), entered(site, "qids", keeper, now=NOW)
    spanish = approved(site, "qids", keeper, now=NOW, language="es")
    assert [first.number, second.number, spanish.number] == [1, 2, 1]
    approve_wording(wording=second, by=keeper, now=NOW)
    assert set(in_force(site, now=NOW)) == {second, spanish}
    (line,) = [one for one in questionnaires_at(site, now=NOW) if one.instrument.code == "qids"]
    assert {(one.wording, one.standing) for one in line.versions} == {
        (first, "replaced"),
        (second, "in_force"),
        (spanish, "in_force"),
    }
    withdraw_wording(wording=first, by=keeper, reason="Typed wrong", now=NOW)
    assert set(in_force(site, now=NOW)) == {second, spanish}
    withdraw_wording(wording=second, by=keeper, reason="Licence taken back", now=NOW)
    assert in_force(site, now=NOW) == [spanish]


def test_a_version_is_approved_once_in_date_and_not_after_its_withdrawal(site, keeper):
    wording = approved(site, "qids", keeper, now=NOW)
    with refused(Conflict, "wording.approved"):
        approve_wording(wording=wording, by=keeper, now=NOW)
    with refused(Invalid, "wording.reason"):
        withdraw_wording(wording=wording, by=keeper, reason=" ", now=NOW)
    withdraw_wording(wording=wording, by=keeper, reason="Ended", now=NOW)
    with refused(Conflict, "wording.withdrawn"):
        withdraw_wording(wording=wording, by=keeper, reason="Ended", now=NOW)
    with refused(Conflict, "wording.withdrawn"):
        approve_wording(wording=wording, by=keeper, now=NOW)
    late = entered(site, "qids", keeper, now=NOW)
    with refused(Conflict, "wording.expired"):
        approve_wording(wording=late, by=keeper, now=OVER)


def test_every_step_is_in_the_audit_of_the_site_and_no_words_are(site, keeper):
    wording = approved(site, "qids", keeper, now=NOW)
    withdraw_wording(wording=wording, by=keeper, reason="Ended", now=NOW)
    events = AuditEvent.objects.filter(verb__startswith="wording.").order_by("pk")
    assert [event.verb for event in events] == ["wording.entered", "wording.approved", "wording.withdrawn"]
    assert {event.actor_label for event in events} == {keeper.label}
    assert not any("as licensed" in str(event.details) for event in events)


def test_a_version_and_its_steps_are_written_once(site, keeper):
    wording = approved(site, "qids", keeper, now=NOW)
    for row in (wording, wording.steps.get()):
        row.reason = row.stem = "Other"
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
        with pytest.raises(IntegrityError), transaction.atomic():
            row.delete()


def test_another_site_sees_nothing_of_it(site, keeper):
    approved(site, "qids", keeper, now=NOW)
    south = make_ready(make_site("south"))
    nurse, admin = staff("nurse", south), staff("administrator", south)
    assert not LicensedWording.objects.for_user(nurse).exists()
    assert not LicensedWording.objects.for_user(admin).exists()
    assert in_force(south, now=NOW) == []
    assert not asked_at(south, "qids", language="en", now=NOW).instrument.shows_wording
    assert "qids" not in askable(south, now=NOW)


def test_who_records_scores_sees_what_was_approved_and_no_draft(site, keeper, nurse):
    wording = entered(site, "qids", keeper, now=NOW)
    assert not LicensedWording.objects.for_user(nurse).exists()
    approve_wording(wording=wording, by=keeper, now=NOW)
    assert LicensedWording.objects.for_user(nurse).get() == wording
    assert not LicensedWording.objects.for_user(staff("manager", site)).exists()


def test_answers_name_the_version_and_keep_it_after_the_licence(site, patient, keeper, nurse):
    wording = approved(site, "qids", keeper, now=NOW)
    given = {"patient": patient, "instrument": "qids", "answers": {"qids_12": 1}, "by": nurse}
    recorded = record_assessment(**given, wording=wording, now=NOW)
    assert (recorded.wording, recorded.instrument_version, recorded.is_flagged) == (wording, "1", True)
    shown = [as_answered(recorded, site=site, now=at).items[0].text for at in (LAST, OVER)]
    assert shown == ["Item 1, as licensed", "Item 1"]
    told = {"reason": "Misread", "answers": {"qids_12": 0, "qids_5": 1}, "by": nurse}
    corrected = correct_assessment(assessment=recorded, **told, now=OVER)
    assert corrected.wording == wording
    assert as_answered(corrected, site=make_site("south"), now=NOW).items[0].text == "Item 1"


def test_what_was_answered_is_recorded_though_the_licence_ended_meanwhile(site, patient, keeper, nurse):
    wording = approved(site, "qids", keeper, now=NOW)
    told = {"patient": patient, "instrument": "qids", "answers": {"qids_5": 1}, "by": nurse}
    assert record_assessment(**told, wording=wording, now=OVER).wording == wording


def test_words_in_which_nobody_was_asked_are_refused(site, patient, keeper, nurse):
    draft = entered(site, "qids", keeper, now=NOW)
    south = make_site("south")
    foreign = approved(south, "qids", staff("administrator", south), now=NOW)
    other = approved(site, "madrs", keeper, now=NOW)
    for wording in (draft, foreign, other):
        with refused(Invalid, "assessment.wording"):
            told = {"patient": patient, "instrument": "qids", "answers": {"qids_5": 1}, "by": nurse}
            record_assessment(**told, wording=wording, now=NOW)


def test_the_bdi_is_answered_item_by_item_in_words_and_by_its_total_without(site, patient, keeper, nurse):
    wording = approved(site, "bdi2", keeper, now=NOW)
    answers = {f"bdi2_{number}": 1 for number in range(1, 22)}
    told = {"patient": patient, "instrument": "bdi2", "by": nurse}
    by_item = record_assessment(answers=answers, wording=wording, now=NOW, **told)
    by_total = record_assessment(answers={"bdi2_total": 21}, now=NOW + timedelta(days=20), **told)
    assert [(one.total, one.band) for one in (by_item, by_total)] == [(21, "moderate")] * 2
    assert asked_at(site, "bdi2", language="en", now=OVER).instrument == CURRENT["bdi2"]


def test_when_the_licence_ends_the_form_falls_back_to_numbers_with_a_sentence(site, keeper):
    approved(site, "madrs", keeper, now=NOW)
    before, after = (asked_at(site, "madrs", language="en", now=at) for at in (LAST, OVER))
    assert (before.why_not, before.wording is None) == ("", False)
    assert "ended on 31 Dec 2026" in after.why_not
    assert (after.instrument, after.wording) == (CURRENT["madrs"], None)


def test_a_patient_alone_is_asked_only_what_a_patient_may_fill_in(site, patient, keeper, nurse):
    for code in LICENSABLE:
        approved(site, code, keeper, now=NOW)
    assert set(askable(site, now=NOW)) == {"phq9", "gad7", "mood", "qids", "bdi2", "cssrs"}
    assert set(askable(site, now=OVER)) == {"phq9", "gad7", "mood"}
    assert shown_at(site, ["side-effects", "qids", "mood"], now=OVER) == ["side-effects", "mood"]
    for code in ("madrs", "cadss", "cadss6"):
        with refused(Invalid, "link.parts"):
            linked(patient, site, nurse, code)


def test_an_item_on_suicide_is_acted_on_when_touched(site, patient, keeper, nurse):
    wording = approved(site, "qids", keeper, now=NOW)
    link = linked(patient, site, nurse, "qids")
    keep_answers(link=link, part="qids", answers={"qids_12": "0"}, by=by_link(link), now=NOW)
    assert not Assessment.objects.exists()
    keep_answers(link=link, part="qids", answers={"qids_12": "2"}, by=by_link(link), now=NOW)
    touched = Assessment.objects.get()
    assert (touched.wording, touched.mode, touched.total) == (wording, "self", None)
    assert SuicideReview.objects.get().assessment == touched


def test_a_rising_suicide_screen_opens_a_review_at_each_step(site, patient, keeper, nurse):
    approved(site, "cssrs", keeper, now=NOW)
    link = linked(patient, site, nurse, "cssrs")
    for code in ("cssrs_1", "cssrs_4"):
        keep_answers(link=link, part="cssrs", answers={code: "1"}, by=by_link(link), now=NOW)
    reasons = [set(one.reasons) for one in SuicideReview.objects.order_by("pk")]
    assert len(reasons) == 2
    assert "acute" not in reasons[0] and "acute" in reasons[1]


def test_a_version_approved_while_the_patient_answers_does_not_change_the_questions(
    site, patient, keeper, nurse
):
    first = approved(site, "qids", keeper, now=NOW)
    link = linked(patient, site, nurse, "qids")
    later = NOW + timedelta(minutes=5)
    second = approved(site, "qids", keeper, now=later)
    asked = asked_in(link, "qids", language="en", now=later)
    assert (asked.shown, asked.answered) == (first, first)
    withdraw_wording(wording=first, by=keeper, reason="Typed wrong", now=later)
    asked = asked_in(link, "qids", language="en", now=later)
    assert (asked.shown, asked.answered) == (second, second)


def test_answers_given_before_the_licence_ended_are_recorded_after_it(site, patient, keeper, nurse):
    wording = approved(site, "qids", keeper, now=NOW)
    link = linked(patient, site, nurse, "qids", now=LAST)
    keep_answers(link=link, part="qids", answers={"qids_5": "1"}, by=by_link(link), now=LAST)
    keep_answers(link=link, part="qids", answers={"qids_10": "2"}, by=by_link(link), now=OVER)
    asked = asked_in(link, "qids", language="en", now=OVER)
    assert (asked.shown, asked.answered) == (None, wording)
    answer_link(link=link, by=by_link(link), now=OVER)
    recorded = Assessment.objects.get()
    assert (recorded.answers, recorded.wording) == ({"qids_5": 1, "qids_10": 2}, wording)


@pytest.mark.parametrize(("language", "shown"), [("es", "es"), ("en", "en"), ("fr", "en")])
def test_the_words_are_in_the_language_of_the_page_if_they_are_there(site, keeper, language, shown):
    for code in ("de", "en", "es"):
        approved(site, "qids", keeper, now=NOW, language=code)
    asked = asked_at(site, "qids", language=language, now=NOW)
    assert asked.wording.language == shown
    assert {code for code, _name in asked.others} == {"de", "en", "es"} - {shown}


def test_the_days_of_a_licence_are_in_order_in_the_database_too(site, keeper):
    wording = entered(site, "qids", keeper, now=NOW)
    wording.pk, wording.number, wording.licensed_until = None, 2, FROM - timedelta(days=1)
    wording.public_id = "00000000-0000-4000-8000-000000000001"
    with pytest.raises(IntegrityError), transaction.atomic():
        wording.save(force_insert=True)
