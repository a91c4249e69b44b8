"""Who is on duty at a site of the demo."""

from dataclasses import dataclass

from clinic.accounts.actor import Actor


@dataclass(frozen=True, slots=True)
class Crew:
    """The people who act in the story; ``second`` is the nurse who checks and witnesses."""

    desk: Actor
    nurse: Actor
    second: Actor
    prescriber: Actor
