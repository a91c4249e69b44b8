"""Forms that edit a row: they name the version that they were filled from, so that nobody overwrites unseen."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem, Stale

REVISION_FIELD = "revision"


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


def stored_beside_typed(form: forms.BaseForm) -> list[dict[str, Any]]:
    """After an edit conflict, what is stored now and what was typed, by field, where the two differ."""
    refusal = getattr(form, "refusal", None)
    if not isinstance(refusal, Stale) or not isinstance(refusal.current, dict):
        return []
    pairs = [
        {"label": form.fields[name].label, "stored": value, "typed": form.cleaned_data.get(name)}
        for name, value in _flat(refusal.current).items()
        if name in form.fields
    ]
    return [pair for pair in pairs if pair["stored"] != pair["typed"]]


def _flat(stored: dict[str, Any]) -> dict[str, Any]:
    """Values of a column that holds several are named with a dot, as the operations name their refusals."""
    found = dict(stored)
    for name, value in stored.items():
        if isinstance(value, dict):
            found |= {f"{name}.{inner}": each for inner, each in value.items()}
    return found
