"""The models as Django has loaded them."""

import pytest
from django.apps import apps
from django.db import models

from tests.house.source import OUR_LABELS


def our_models() -> list[type[models.Model]]:
    found = apps.get_models(include_auto_created=True)
    return sorted(
        (model for model in found if model._meta.app_label in OUR_LABELS), key=lambda model: model._meta.label
    )


def is_history(model: type[models.Model]) -> bool:
    return hasattr(model, "history_id") or model.__name__.startswith("Historical")


def forward_relations() -> list[models.ForeignKey]:
    owners = [model for model in our_models() if not is_history(model) and not model._meta.auto_created]
    fields = [field for model in owners for field in model._meta.get_fields()]
    return [field for field in fields if isinstance(field, models.ForeignKey)]


# The join table of a many-to-many field takes the name of its owner's table.
@pytest.mark.parametrize(
    "model",
    [model for model in our_models() if not model._meta.auto_created],
    ids=lambda model: model._meta.label,
)
def test_table_names_are_written_down(model: type[models.Model]) -> None:
    """A renamed class or app must not rename a clinic's table."""
    assert "db_table" in model._meta.original_attrs


@pytest.mark.parametrize("field", forward_relations(), ids=str)
def test_no_floor_can_be_reached_from_below(field: models.ForeignKey) -> None:
    """``patient.course_set`` would be an upward import that no import checker sees."""
    here = OUR_LABELS[field.model._meta.app_label]
    there = OUR_LABELS.get(field.related_model._meta.app_label)
    if there not in {None, here}:
        assert field.remote_field.hidden, f'{field} needs related_name="+"'


@pytest.mark.parametrize("field", forward_relations(), ids=str)
def test_nothing_disappears_with_something_else(field: models.ForeignKey) -> None:
    if field.model._meta.app_label in {"patients", "infusion_sessions", "audit"}:
        assert field.remote_field.on_delete is models.PROTECT


def test_the_app_of_sessions_leaves_djangos_label_alone() -> None:
    assert apps.get_app_config("infusion_sessions").name == "sessions"
    assert apps.get_app_config("sessions").name == "django.contrib.sessions"


def test_nothing_refers_to_djangos_web_sessions() -> None:
    """``ForeignKey("sessions.Session")`` passes every check of Django and points at the wrong table."""
    wrong = [field for field in forward_relations() if field.related_model._meta.app_label == "sessions"]
    assert wrong == []
