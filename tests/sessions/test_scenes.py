"""Scenes: every state is reached through the operations, and what is put back is what was walked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import transaction

from clinic.audit.models import AuditChain
from clinic.audit.verify import broken_links
from clinic.facilities.models import Site
from sessions.models import InfusionSession
from sessions.operations import monitoring
from sessions.states import Status
from tests import remembered
from tests.scenes import make_site
from tests.sessions.scenes import NOON, NORMAL, make_clinic, session_at

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", Status)
def test_every_state_is_reached_through_the_operations(status: Status) -> None:
    assert session_at(status, now=NOON).state is status


def as_a_test(act: Callable[[], Any]) -> Any:
    """What an act gives on an empty database, which is empty again afterwards."""
    with transaction.atomic():
        remembered.begin(remembered.standing.patches)
        given = act()
        transaction.set_rollback(True)
    return given


def everything() -> dict[str, list[Any]]:
    """All rows of the database."""
    models = apps.get_models(include_auto_created=True)
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in models}


def two_chairs(status: Status) -> tuple[Any, Any, dict[str, list[Any]]]:
    clinic = make_clinic()
    first = session_at(status, clinic=clinic, now=NOON)
    second = session_at(Status.READY, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    return first, second, everything()


@pytest.mark.parametrize("status", [Status.INFUSING, Status.DISCHARGED, Status.NO_SHOW])
def test_what_is_put_back_is_what_was_walked(status: Status) -> None:
    # A scene that was the first to write to some table is kept when it comes again, and only then those upon it.
    *_walked, last, put_back = (as_a_test(lambda: two_chairs(status)) for _time in range(6))
    assert put_back == last, "rows of every table, with their keys and public ids"
    assert (put_back[0].state, put_back[1].state) == (status, Status.READY)
    assert put_back[0].site.name == "North clinic"


def test_what_was_put_back_goes_on_and_its_audit_is_whole() -> None:
    def goes_on() -> Any:
        clinic = make_clinic()
        session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
        monitoring.record_vital_signs(session=session, values=NORMAL, by=clinic.nurse, now=NOON)
        assert [link for chain in AuditChain.objects.all() for link in broken_links(chain)] == []
        return session.public_id, session.vital_signs.count()

    *_walked, last, put_back = (as_a_test(goes_on) for _time in range(5))
    assert put_back == last == (last[0], 3)


def reached() -> Any:
    return session_at(Status.READY, now=NOON).public_id


def test_a_scene_is_walked_where_anything_could_tell_it_otherwise(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    known = [as_a_test(reached) for _time in range(3)][-1]
    assert as_a_test(reached) == known

    def beside_another_site() -> Any:
        Site.objects.create(code="south", name="South clinic", time_zone="UTC")
        return reached()

    assert as_a_test(beside_another_site) != known
    with time_machine.travel(NOON + timedelta(hours=1)):
        assert as_a_test(reached) != known

    def with_other_code() -> Any:
        monkeypatch.setitem(NORMAL, "systolic", 119)
        return reached()

    assert as_a_test(with_other_code) != known
    settings.LANGUAGE_CODE = "es"
    assert as_a_test(reached) != known
    assert InfusionSession.objects.count() == 0


@remembered.remembered
def renamed(site: Site) -> int:
    site.name = "Harbour clinic"
    site.save()
    return site.pk


def test_a_scene_that_changes_what_it_is_given_is_walked() -> None:
    def told() -> tuple[str, str]:
        site = make_site()
        renamed(site)
        return site.name, Site.objects.get().name

    assert {as_a_test(told) for _time in range(6)} == {("Harbour clinic", "Harbour clinic")}
