"""The bodies of the steps of a session: whatever the operation of a step takes, and nothing else."""

import inspect
from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from sessions.api.fields import Instant, Reason, ShortText
from sessions.models import EarlyLeaving
from sessions.models.choices import CANCEL_CHOICES, END_CHOICES

# When something was typed without network is told by the outbox of the pages alone, which has measured its clock.
GIVEN_BY_THE_ROUTE = frozenset({"session", "by", "now", "typed_at"})

FIELDS: dict[str, Callable[[bool], serializers.Field[Any, Any, Any, Any]]] = {
    "at": lambda required: Instant(required=required, help_text="When it happened; now, when left out."),
    "kind": lambda required: serializers.ChoiceField(choices=END_CHOICES, required=required),
    "code": lambda required: serializers.ChoiceField(
        choices=CANCEL_CHOICES, required=required, help_text="Who called it off."
    ),
    "leaving": lambda required: serializers.ChoiceField(
        choices=EarlyLeaving.Kind.choices, required=required, help_text="How the patient left."
    ),
    "reason": lambda required: Reason() if required else ShortText(),
    "departure_reason": lambda required: ShortText(
        help_text="It happened although something stood in the way: why. That is noted beside it."
    ),
    "override_reason": lambda required: ShortText(
        help_text="Sets open discharge criteria aside, with the right to."
    ),
}


def body_of(operation: Callable[..., Any]) -> type[serializers.Serializer[Any]]:
    """The serializer of an operation's arguments, named after it: ``StartStepIn`` for ``start``."""
    taken = {
        name: FIELDS[name](parameter.default is inspect.Parameter.empty)
        for name, parameter in inspect.signature(operation).parameters.items()
        if name not in GIVEN_BY_THE_ROUTE
    }
    told = inspect.getdoc(operation) or ""
    name = "".join(word.capitalize() for word in operation.__name__.split("_"))
    said = {"__doc__": told.partition("\n")[0], "__module__": __name__}
    return type(f"{name}StepIn", (serializers.Serializer,), {**taken, **said})
