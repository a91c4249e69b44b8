"""What is still open for a patient: opened, worked on, handed on, closed once."""

from datetime import timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from sessions.models import FollowUp
from sessions.operations.following_up import (
    add_follow_up,
    close_follow_up,
    log_attempt,
    note_follow_up,
    open_follow_up,
    reassign_follow_up,
)
from sessions.operations.quick_phrases import add_quick_phrase, edit_quick_phrase
from sessions.reports.follow_ups import count_pressing, follow_up_worklist
from sessions.states import Status
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.scenes import NOON, make_clinic, session_at


@pytest.fixture
def session(clinic):
    return session_at(Status.DISCHARGED, clinic=clinic, now=NOON)


def add(session, clinic, **told):
    given = {"kind": "next-day", "reason": "Call her", "by": clinic.nurse, "now": NOON}
    return add_follow_up(session=session, **given | told)


def test_it_is_worked_on_until_somebody_closes_it(clinic, session):
    follow_up = add(session, clinic, due_at=NOON + timedelta(hours=20))
    told = {"follow_up": follow_up, "by": clinic.nurse, "now": NOON}
    again = NOON + timedelta(hours=30)
    log_attempt(text="No answer", due_at=again, **told)
    reassign_follow_up(to=clinic.prescriber.user, **told)
    note_follow_up(text="Her sister called back", **told)
    standing = FollowUp.objects.with_state().get()
    assert (standing.due, standing.attempts, standing.carer_key, standing.closed) == (
        again,
        1,
        clinic.prescriber.user.public_id,
        False,
    )
    close_follow_up(outcome="settled", text="She is well", **told)
    assert not FollowUp.objects.open().exists()
    for late in (
        lambda: note_follow_up(text="x", **told),
        lambda: close_follow_up(outcome="settled", text="x", **told),
    ):
        with refused(Conflict, "follow_up.closed"):
            late()
    verbs = AuditEvent.objects.filter(verb__startswith="follow_up.").order_by("pk")
    assert [each.verb.partition(".")[2] for each in verbs] == [
        "opened",
        "attempted",
        "reassigned",
        "noted",
        "closed",
    ]


@pytest.mark.parametrize(
    ("act", "error", "code"),
    [
        (lambda f, c: note_follow_up(follow_up=f, text=" ", by=c.nurse), Invalid, "follow_up.empty"),
        (
            lambda f, c: close_follow_up(follow_up=f, outcome="x", text="y", by=c.nurse),
            Invalid,
            "follow_up.outcome",
        ),
        (
            lambda f, c: reassign_follow_up(follow_up=f, to=c.desk.user, by=c.nurse),
            Invalid,
            "follow_up.assignee",
        ),
        (lambda f, c: reassign_follow_up(follow_up=f, to=None, by=c.nurse), Invalid, "follow_up.assignee"),
        (lambda f, c: log_attempt(follow_up=f, by=c.desk), Refused, "permission.missing"),
        (lambda f, c: add(f.session, c, kind="left-unescorted"), Invalid, "follow_up.kind"),
        (lambda f, c: add(f.session, c, reason=" "), Invalid, "reason.missing"),
        (lambda f, c: add(f.session, c, by=c.desk), Refused, "permission.missing"),
    ],
)
def test_what_is_refused(clinic, session, act, error, code):
    follow_up = add(session, clinic)
    with refused(error, code):
        act(follow_up, clinic)
    assert not follow_up.entries.exists() and FollowUp.objects.count() == 1


def test_a_fact_opens_one_without_asking_for_a_right(clinic, session):
    """Leaving may be recorded by the front desk, and leaves the same to be done."""
    open_follow_up(session=session, kind="left-unescorted", by=clinic.desk, now=NOON)
    assert FollowUp.objects.open().get().opened_by == clinic.desk.user


def test_the_worklist_says_what_presses(clinic, session, django_assert_num_queries):
    due = {
        "overdue": NOON - timedelta(minutes=1),
        "today": NOON + timedelta(hours=11),  # 23:00 at the clinic
        "later": NOON + timedelta(hours=13),
        "untimed": None,
    }
    rows = {name: add(session, clinic, due_at=at) for name, at in due.items()}
    reassign_follow_up(follow_up=rows["later"], to=clinic.prescriber.user, by=clinic.nurse, now=NOON)
    told = {"actor": clinic.nurse, "now": NOON}
    with django_assert_num_queries(2):
        work = follow_up_worklist([clinic.site], **told)
    assert {row.part: row.follow_up for row in work.rows} == rows
    assert [row.part for row in work.rows] == ["overdue", "today", "later", "untimed"]
    assert count_pressing([clinic.site], **told) == 3
    mine = follow_up_worklist([clinic.site], mine=True, **told)
    assert len(mine.rows) == 3 and work.kinds == {"next-day": 4}
    assert not follow_up_worklist([clinic.site], kind="other", **told).rows
    south = make_clinic("south")
    assert not follow_up_worklist([clinic.site], actor=south.nurse, now=NOON).rows


def test_quick_phrases_are_kept_by_nurses_and_managers(clinic):
    manager = staff("manager", clinic.site)
    phrase = add_quick_phrase(site=clinic.site, text=" Resting quietly ", by=manager, now=NOON)
    assert phrase.text == "Resting quietly"
    told = {"phrase": phrase, "by": clinic.nurse, "now": NOON}
    with refused(Conflict, "quick_phrase.taken"):
        add_quick_phrase(site=clinic.site, text="Resting quietly", by=clinic.nurse, now=NOON)
    with refused(Invalid, "quick_phrase.empty"):
        edit_quick_phrase(changes={"text": "  "}, **told)
    with refused(Refused, "permission.missing"):
        add_quick_phrase(site=clinic.site, text="x", by=clinic.desk, now=NOON)
    edit_quick_phrase(changes={"is_in_use": False}, **told)
    again = add_quick_phrase(site=clinic.site, text="Resting quietly", by=clinic.nurse, now=NOON)
    with refused(Conflict, "quick_phrase.taken"):
        edit_quick_phrase(changes={"is_in_use": True}, **told)
    assert again.history.count() == 1 and phrase.history.count() == 2
