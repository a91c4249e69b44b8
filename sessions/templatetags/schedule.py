"""Where something stands on a day's axis, in classes: the content security policy allows no style in the page.

``schedule.css`` gives each class its number, and computes the place from hours and minutes.
"""

from typing import Any

from django import template

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
