"""Texts to begin from. Each is an example, not approved: it is filled into a form and stored only when somebody does.

What is for the clinic to say stands in square brackets, and no text is stored while one is left.
"""

from dataclasses import dataclass
from datetime import time
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Example:
    """One text in one language, with the words of its heading for e-mails."""

    code: str
    name: Any
    language: str
    subject: str
    body: str
    days_before: int = 1
    send_at: time = time(10, 0)


EXAMPLES = (
    Example(
        code="fasting",
        name=_("Eating and drinking"),
        language="en",
        subject="Your visit on {day}",
        body="Hello {first_name}, we expect you on {day} at {time}. Before you come: [the clinic's own rules for"
        " eating and drinking]. Questions or changes: {phone}",
    ),
    Example(
        code="fasting",
        name=_("Eating and drinking"),
        language="es",
        subject="Su cita del {day}",
        body="Hola, {first_name}: le esperamos el {day} a las {time}. Antes de venir: [las normas de la clínica sobre"
        " comer y beber]. Preguntas o cambios: {phone}",
    ),
    Example(
        code="escort",
        name=_("Ride home"),
        language="en",
        subject="Your ride home on {day}",
        body="Hello {first_name}, on {day} you may not drive home yourself. Please arrange for [who may take you"
        " home, by the clinic's rules]. Call us if nobody can: {phone}",
        days_before=2,
    ),
    Example(
        code="escort",
        name=_("Ride home"),
        language="es",
        subject="Su regreso a casa del {day}",
        body="Hola, {first_name}: el {day} no podrá conducir de vuelta a casa. Por favor, organice [quién puede"
        " llevarle a casa, según las normas de la clínica]. Llámenos si nadie puede: {phone}",
        days_before=2,
    ),
    Example(
        code="bring",
        name=_("What to bring"),
        language="en",
        subject="What to bring on {day}",
        body="Hello {first_name}, for your visit on {day} at {time} please bring [what the clinic asks for]. Our"
        " number: {phone}",
        days_before=3,
    ),
    Example(
        code="bring",
        name=_("What to bring"),
        language="es",
        subject="Qué traer el {day}",
        body="Hola, {first_name}: para su cita del {day} a las {time}, traiga por favor [lo que pide la clínica]."
        " Nuestro número: {phone}",
        days_before=3,
    ),
)


def example_of(code: str, language: str) -> Example | None:
    """The example of a code in a language, where there is one."""
    return next((one for one in EXAMPLES if (one.code, one.language) == (code, language)), None)
