"""Where something stands on a day's axis, in classes: the content security policy allows no style in the page.

``schedule.css`` gives each class its number, and computes the place from hours and minutes.
"""

from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.safestring import SafeString

from clinic.common.kept import kept_text
from clinic.common.templatetags.ui import at
from sessions.reports.visits import Part, Visit
from sessions.states import Status

register = template.Library()


@register.filter
def placed(span: Any) -> str:
    """``at-h2 at-m30 for-h2 for-m10``: from 150 minutes on, 130 minutes long."""
    return f"at-h{span.begins // 60} at-m{span.begins % 60} {lasting(span.minutes)}"


@register.filter
def lasting(minutes: int) -> str:
    """``for-h2 for-m10`` for 130 minutes."""
    return f"for-h{minutes // 60} for-m{minutes % 60}"


@register.simple_tag
def plan_query(query: Any, **changes: Any) -> str:
    """The schedule's question with some of its parameters changed: ``{% plan_query asked view="week" %}``."""
    return str(query.address(**changes))


@dataclass(frozen=True, slots=True)
class VisitWords:
    """What is written on one visit, times on the clocks of its site; ``seat`` is its chair or who looks after it.

    Attributes:
        open_chair: the chair is still to be decided, and may be decided here.
        move: what a drag to another row changes: ``chair`` or ``nurse``; empty where nothing may be moved.
        is_long: there is room for the times and the seat.
        starts_with_time: it stands in a list, which has no axis to say when.
    """

    id: Any
    who: str
    title: str
    starts: str
    ends: str
    minutes: int
    seat: str
    state: Status | None
    number: int
    planned: int
    parts: tuple[Part, ...]
    flags: tuple[str, ...]
    is_provisional: bool
    open_chair: bool
    move: str
    reachable: bool
    is_long: bool
    starts_with_time: bool


@register.simple_tag(takes_context=True)
def visit_link(context: Any, visit: Visit) -> SafeString:
    """One visit, in a day's row or a week's cell: most of a plan stays what it was from look to look."""
    site, by = context["site"], context["asked"].by
    nurse = visit.nurse.short_name if visit.nurse else ""
    may_move = visit.is_assignable if by == "nurse" else visit.is_movable
    words = VisitWords(
        id=visit.id,
        who=visit.who,
        title=visit.title if visit.has_patient else "",
        starts=at(visit.starts_at, site),
        ends=at(visit.ends_at, site),
        minutes=visit.minutes,
        seat=visit.chair.name if by == "nurse" else nurse,
        state=visit.status if visit.is_present or visit.is_over else None,
        number=visit.number,
        planned=visit.planned,
        parts=visit.parts,
        flags=tuple(str(word) for word in visit.flags),
        is_provisional=visit.is_provisional,
        open_chair=visit.is_provisional and visit.is_movable,
        move=by if context.get("may_book") and may_move else "",
        reachable=bool(context.get("reachable")),
        is_long=bool(context.get("plan")),
        starts_with_time=bool(context.get("week")),
    )
    return kept_text("sessions/schedule/_visit_link.html", visit=words)
