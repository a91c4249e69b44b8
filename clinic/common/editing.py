"""Forms that edit a row: they name the version that they were filled from, so that nobody overwrites unseen."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem, Stale

REVISION_FIELD = "revision"
TAKE_FIELD = "take_theirs"
"""Names the fields whose stored value is taken; the value itself comes along as ``theirs.`` and the field's name."""


def posted_revision(request: HttpRequest) -> int:
    """The version that a form was filled from.

    Raises:
        Invalid: the form does not say it (``form.revision_missing``).
    """
    text = request.POST.get(REVISION_FIELD, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        message = _("This form does not say which version it edits. Reload the page and fill it in again.")
        raise Invalid({"": Problem("form.revision_missing", message)})
    return int(text)


def shown_revision(request: HttpRequest, form: forms.BaseForm, row: Any) -> Any:
    """The version that the form names when it is shown: after an edit conflict the newer one, for both are shown."""
    if request.method != "POST" or isinstance(getattr(form, "refusal", None), Stale):
        return row.revision
    return request.POST.get(REVISION_FIELD, "")


@dataclass(frozen=True, slots=True)
class Theirs:
    """What somebody else has stored in a field: as a reader sees it, and as the field would send it.

    Attributes:
        by: their name; empty where the row keeps no history.
    """

    text: str
    raw: tuple[str, ...]
    by: str

    @property
    def as_json(self) -> str:
        return json.dumps(self.raw)


def stored_beside_typed(
    form: forms.BaseForm, *, row: Any = None, stored: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """After an edit conflict, what is stored now and what was typed, by field, where the two differ.

    Each field that differs is marked too: where it is drawn as a group, theirs stands beside it with a tick that
    takes it (:func:`with_theirs`), and what was typed stays until then.

    Args:
        row: the edited row, whose history knows who has changed it.
        stored: the stored values in the form's own fields; else those that the refusal carries.
    """
    refusal = getattr(form, "refusal", None)
    if not isinstance(refusal, Stale):
        return []
    if stored is None:
        stored = _flat(refusal.current) if isinstance(refusal.current, dict) else {}
    by = changed_by(row)
    pairs, marks = [], {}
    for name, value in stored.items():
        if name not in form.fields or form.fields[name].widget.is_hidden:
            continue
        bound, typed = form[name], form.cleaned_data.get(name)
        theirs, mine = (_side(bound, each, by) for each in (value, typed))
        if theirs.raw != mine.raw:
            marks[name] = theirs
            pairs.append({"label": bound.label, "stored": theirs.text, "typed": mine.text, "by": by})
    form.theirs = marks  # type: ignore[attr-defined]
    return pairs


def with_theirs(form: forms.BaseForm) -> Any:
    """What a form was sent, with the stored value in the fields where the sender has ticked to take it.

    It is the value that stood beside the field: if the row was changed once more, that is another edit conflict. A form
    that was put together from something else than a request has no such ticks.
    """
    data: Any = form.data
    if not isinstance(data, QueryDict):
        return data
    known = {bound.html_name for bound in form}
    if ticked := known.intersection(data.getlist(TAKE_FIELD)):
        data = data.copy()
        for name in ticked:
            data.setlist(name, data.getlist(f"theirs.{name}"))
        del data[TAKE_FIELD]
    return data


def changed_by(row: Any) -> str:
    """Who saved a row last, as its history has it."""
    if not hasattr(row, "history"):
        return ""
    last = row.history.select_related("history_user").order_by("-history_date", "-history_id").first()
    return last.history_user.display_name if last and last.history_user else ""


def _side(bound: forms.BoundField, value: Any, by: str) -> Theirs:
    field = bound.field
    if isinstance(field, forms.BooleanField):
        return Theirs(str(_("Yes") if value else _("No")), ("on",) if value else (), by)
    shown = field.widget.format_value(field.prepare_value(value))
    raw = tuple(
        str(each)
        for each in (shown if isinstance(shown, list | tuple) else [shown])
        if each not in {None, ""}
    )
    words = list(raw)
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        labels = {str(key): str(label) for key, label in choices}
        words = [labels.get(each, each) for each in raw or ("",)]
    return Theirs(", ".join(words) or str(_("empty")), raw, by)


def _flat(stored: dict[str, Any]) -> dict[str, Any]:
    """Values of a column that holds several are named with a dot, as the operations name their refusals."""
    found = dict(stored)
    for name, value in stored.items():
        if isinstance(value, dict):
            found |= {f"{name}.{inner}": each for inner, each in value.items()}
    return found
