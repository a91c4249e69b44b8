"""A dose is rounded, measured against its limits, computed anew by a second person, and only then started with."""

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from clinic.common.constraints import violated
from clinic.common.errors import Conflict, Invalid, Refused
from sessions.models import Departure, DoseCheck, InfusionSession
from sessions.operations import checking, running
from sessions.operations.second_check import check_dose
from sessions.states import Status
from tests.refusals import refused
from tests.sessions.orders_scene import make_product, prepared
from tests.sessions.scenes import (
    NOON,
    make_chair,
    make_course,
    session_at,
    under,
)

_numbers = itertools.count(1)
AGREES = {"weight_grams": 70_000, "dose_micrograms": 35_000, "rate_microlitres_per_hour": 150_000}


def ready(clinic, **content):
    return session_at(Status.READY, clinic=under(clinic, **content), now=NOON)


def weighed(clinic, kilograms="70", **content):
    clinic = under(clinic, **content)
    seat = make_chair(clinic.site, f"Seat {next(_numbers)}")
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON, chair=seat)
    checking.record_weight(session=session, value=Decimal(kilograms), by=clinic.nurse, now=NOON)
    return session


def check(session, clinic, **told):
    return check_dose(**{"session": session, "by": clinic.prescriber, "now": NOON} | AGREES | told)


def confirm(session, clinic, **told):
    return checking.confirm_dose(**{"session": session, "by": clinic.nurse, "now": NOON} | told)


def start(session, clinic, **told):
    return running.start(session=session, by=clinic.nurse, now=NOON, **told)


# The second check


def test_where_the_protocol_asks_nothing_starts_before_another_person_agrees(clinic):
    session = ready(clinic, needs_second_check=True)
    with refused(Conflict, "dose.not_checked"):
        start(session, clinic)
    with refused(Refused, "dose_check.self"):
        check(session, clinic, by=clinic.nurse)
    with refused(Refused, "permission.missing"):
        check(session, clinic, by=clinic.desk)
    assert check(session, clinic).agrees
    with refused(Conflict, "dose_check.done"):
        check(session, clinic)
    assert start(session, clinic).state is Status.INFUSING


def test_where_it_does_not_ask_a_check_is_possible_and_none_is_missed(clinic):
    assert start(ready(clinic), clinic).state is Status.INFUSING


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ({}, True),
        ({"weight_grams": 70_100, "dose_micrograms": 35_099, "rate_microlitres_per_hour": 149_900}, True),
        ({"weight_grams": 70_101}, False),
        ({"dose_micrograms": 35_100}, False),
        ({"dose_micrograms": 34_900}, False),
        ({"rate_microlitres_per_hour": 150_101}, False),
    ],
)
def test_two_people_agree_within_what_scale_and_pump_show(clinic, typed, same):
    session = ready(clinic)
    assert check(session, clinic, **typed).agrees is same


def test_a_difference_keeps_it_from_starting_until_it_is_settled(clinic):
    session = ready(clinic)
    check(session, clinic, dose_micrograms=70_000)
    with refused(Conflict, "dose.check_differs"):
        start(session, clinic)
    with transaction.atomic():
        check(session, clinic)
        assert start(session, clinic).state is Status.INFUSING
        transaction.set_rollback(True)
    session = InfusionSession.objects.get(pk=session.pk)
    confirm(session, clinic)
    assert start(session, clinic).state is Status.INFUSING


def test_another_confirmation_asks_for_another_check(clinic):
    session = ready(clinic, needs_second_check=True)
    check(session, clinic)
    confirm(session, clinic)
    with refused(Conflict, "dose.not_checked"):
        start(session, clinic)


def test_a_start_without_the_check_is_recordable_and_the_check_comes_late(clinic):
    session = ready(clinic, needs_second_check=True)
    start(session, clinic, departure_reason="Alone in the house")
    assert [item["code"] for item in Departure.objects.get().obstacles] == ["dose.not_checked"]
    assert check(session, clinic).agrees


def test_there_is_nothing_to_check_before_the_dose(clinic):
    with refused(Conflict, "dose.not_confirmed"):
        check(weighed(clinic), clinic)
    session = ready(clinic)
    with refused(Invalid, "dose_check.number"):
        check(session, clinic, dose_micrograms=0)


def test_the_database_itself_refuses_ones_own_check(clinic):
    session = ready(clinic)
    dose, mine = session.doses.get(), clinic.nurse.user
    row = {"session": session, "dose": dose, "confirmed_by": mine, "agrees": True, **AGREES}
    times = {"taken_at": NOON, "entered_at": NOON, "taken_by": mine, "entered_by": mine}
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        DoseCheck.objects.create(**row, **times)
    assert violated(caught.value) == "dose_check_is_another"


# The vial


def test_the_vial_that_was_drawn_from_counts(clinic):
    session = weighed(clinic)
    product = make_product(clinic.site, by=clinic.director, mg_per_ml=10)
    drawn = prepared(session, clinic, product=product, drawn_micrograms=35_000)
    dose = confirm(session, clinic)
    assert (dose.concentration_micrograms_per_ml, dose.drug_microlitres, dose.preparation) == (
        10_000,
        3500,
        drawn,
    )


def test_another_vial_after_the_dose_asks_for_another_confirmation(clinic):
    session = ready(clinic)
    prepared(session, clinic, product=make_product(clinic.site, by=clinic.director, mg_per_ml=10))
    with refused(Conflict, "dose.other_vial"):
        start(session, clinic)
    confirm(session, clinic)
    assert start(session, clinic).state is Status.INFUSING


# Rounding, limits, weight


@pytest.mark.parametrize(
    ("kilograms", "step", "cap", "micrograms"),
    [
        ("70.3", None, 60_000, 35_150),
        ("70.3", 500, 60_000, 35_000),
        ("70.5", 500, 60_000, 35_000),  # 35.25, half to even
        ("71.5", 500, 60_000, 36_000),  # 35.75, half to even
        ("70.3", 5000, 60_000, 35_000),
        ("150", 40_000, 60_000, 40_000),  # 60, to 80: over the cap
        ("150", 1000, 60_000, 60_000),
    ],
)
def test_a_dose_is_rounded_and_never_over_its_cap(clinic, kilograms, step, cap, micrograms):
    session = weighed(clinic, kilograms, rounding_micrograms=step, cap_micrograms=cap)
    assert confirm(session, clinic).dose_micrograms == micrograms


def test_the_soft_limit_asks_for_a_reason_and_the_hard_one_for_the_right(clinic):
    session = weighed(clinic, soft_limit_micrograms=34_999)
    with refused(Invalid, "dose.soft_limit"):
        confirm(session, clinic)
    assert confirm(session, clinic, reason="As discussed").reason == "As discussed"
    at_the_limit = weighed(clinic, soft_limit_micrograms=35_000, hard_limit_micrograms=35_000)
    assert confirm(at_the_limit, clinic).dose_micrograms == 35_000
    over = weighed(clinic, soft_limit_micrograms=30_000, hard_limit_micrograms=34_999)
    with refused(Refused, "dose.hard_limit"):
        confirm(over, clinic, reason="As discussed")
    with refused(Invalid, "reason.missing"):
        confirm(over, clinic, by=clinic.prescriber)
    assert confirm(over, clinic, by=clinic.prescriber, reason="Responds at this dose").pk


def test_another_weight_than_the_measured_one_says_how_it_was_come_by(clinic):
    session = weighed(clinic, "120", weight_basis="ideal")
    told = {"dosing_weight_grams": 66_000, "dosing_weight_source": "Height 170 cm, table of the clinic"}
    with refused(Invalid, "dose.weight_missing"):
        confirm(session, clinic)
    with refused(Invalid, "dose.weight_source"):
        confirm(session, clinic, dosing_weight_grams=66_000)
    with refused(Invalid, "dose.weight_impossible"):
        confirm(session, clinic, **told | {"dosing_weight_grams": 6600})
    dose = confirm(session, clinic, **told)
    assert (dose.dose_micrograms, dose.weight_basis, dose.weight.grams) == (33_000, "ideal", 120_000)
    assert check(session, clinic, weight_grams=66_000, dose_micrograms=33_000).agrees
    measured = weighed(clinic, "120", weight_basis="")
    with refused(Refused, "permission.missing"):
        confirm(measured, clinic, reason="Oedema", **told)
    with refused(Invalid, "reason.missing"):
        confirm(measured, clinic, by=clinic.prescriber, **told)
    assert confirm(measured, clinic, by=clinic.prescriber, reason="Oedema", **told).dose_micrograms == 33_000


# The last time


def test_another_dose_than_last_time_says_why_and_another_weight_does_not(clinic):
    week = timedelta(days=7)
    course = make_course(clinic, now=NOON - 2 * week)
    session_at(Status.DISCHARGED, clinic=clinic, course=course, now=NOON - week)
    session = session_at(Status.ARRIVED, clinic=clinic, course=course, now=NOON)
    checking.record_weight(session=session, value=Decimal(72), by=clinic.nurse, now=NOON)
    dose = confirm(session, clinic)
    assert (dose.dose_micrograms, dose.last_dose_micrograms) == (36_000, 35_000)
    course.dose_micrograms_per_kg = 600
    course.save()
    with refused(Invalid, "dose.changed"):
        confirm(session, clinic)
    assert confirm(session, clinic, reason="No effect at 0.5").dose_micrograms == 43_200


def test_the_first_infusion_has_no_last_time(clinic):
    assert confirm(weighed(clinic), clinic).last_dose_micrograms is None
