"""Who answers for a site: one at a time in each kind, reachable, and with the right."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from clinic.common.constraints import violated
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from sessions.models import ResponsiblePrescriber
from sessions.operations.naming_responsible import end_responsible, name_responsible
from sessions.rules.responsible import on_call_clinician, responsible_prescriber
from tests.refusals import refused
from tests.sessions.scenes import NOON, make_clinic

EIGHT = timedelta(hours=8)


def name(clinic, **told):
    return name_responsible(
        **{
            "site": clinic.site,
            "kind": "responsible",
            "user": clinic.prescriber.user,
            "presence": "on_site",
            "starts_at": NOON,
            "ends_at": NOON + EIGHT,
            "by": clinic.nurse,
            "now": NOON,
        }
        | told
    )


def test_the_one_named_answers_from_start_to_end(clinic):
    named = name(clinic, presence="by_phone", phone=" 555 0123 ")
    assert named.phone == "555 0123"
    moments = [NOON - timedelta(seconds=1), NOON, NOON + EIGHT - timedelta(seconds=1), NOON + EIGHT]
    assert [responsible_prescriber(clinic.site, at) for at in moments] == [None, named, named, None]
    assert on_call_clinician(clinic.site, NOON) is None
    on_call = name(clinic, kind="on_call", user=clinic.nurse.user)
    assert on_call_clinician(clinic.site, NOON) == on_call
    assert responsible_prescriber(make_clinic("south").site, NOON) is None


@pytest.mark.parametrize(
    ("told", "error", "code"),
    [
        ({"user": "nurse"}, Invalid, "responsible.person"),
        ({"user": "desk", "kind": "on_call"}, Invalid, "responsible.person"),
        ({"kind": "boss"}, Invalid, "responsible.kind"),
        ({"presence": "by_phone"}, Invalid, "responsible.phone"),
        ({"presence": "in_spirit"}, Invalid, "responsible.presence"),
        ({"ends_at": NOON}, Invalid, "range.order"),
        ({"ends_at": NOON + timedelta(days=8)}, Invalid, "range.long"),
        ({"by": "desk"}, Refused, "permission.missing"),
    ],
)
def test_who_cannot_be_named(clinic, told, error, code):
    if "user" in told:
        told = told | {"user": getattr(clinic, told["user"]).user}
    if "by" in told:
        told = told | {"by": getattr(clinic, told["by"])}
    with refused(error, code):
        name(clinic, **told)


def test_two_of_a_kind_do_not_overlap_and_one_follows_the_other(clinic):
    first = name(clinic)
    with refused(Conflict, "responsible.taken"):
        name(clinic, user=clinic.director.user, starts_at=NOON + timedelta(hours=7))
    name(clinic, user=clinic.director.user, starts_at=NOON + EIGHT, ends_at=NOON + 2 * EIGHT)
    later = NOON + timedelta(hours=3)
    with refused(Stale):
        end_responsible(named=first, by=clinic.nurse, expected_revision=9, now=later)
    end_responsible(named=first, by=clinic.nurse, expected_revision=1, now=later)
    with refused(Conflict, "responsible.over"):
        end_responsible(named=first, by=clinic.nurse, expected_revision=2, now=later)
    name(clinic, user=clinic.director.user, starts_at=later)
    assert first.history.count() == 2


def test_a_turn_that_has_not_begun_is_withdrawn(clinic):
    ahead = name(clinic, starts_at=NOON + EIGHT, ends_at=NOON + 2 * EIGHT)
    assert end_responsible(named=ahead, by=clinic.nurse, expected_revision=1, now=NOON).is_withdrawn
    name(clinic, starts_at=NOON + EIGHT, ends_at=NOON + 2 * EIGHT)


def test_the_database_refuses_two_at_once(clinic):
    named = name(clinic)
    row = ResponsiblePrescriber.objects.filter(pk=named.pk).values().get()
    del row["id"], row["public_id"]
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        ResponsiblePrescriber.objects.create(**row)
    assert violated(caught.value) == "responsible_once"
    ResponsiblePrescriber.objects.create(**row | {"kind": "on_call"})
