"""Marks of a chart: a daily number has hundreds, and a template takes longer for them than for the rest of its page."""

from collections.abc import Iterable

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from clinic.common.charts.marks import Mark

register = template.Library()


@register.simple_tag
def marks(drawn: Iterable[Mark], chart_id: str = "") -> SafeString:
    """Marks in their order, each with what it says; a hatched one in the pattern that its chart defines."""
    return mark_safe("".join(_drawn(mark, chart_id) for mark in drawn))


def _drawn(mark: Mark, chart_id: str) -> str:
    key, path = escape(mark.key), escape(mark.path)
    hollow = " chart__mark--hollow" if mark.hollow else ""
    title = f"<title>{escape(mark.label)}</title>" if mark.label else ""
    group = f'<g class="chart__mark chart__mark--{key}{hollow}">{title}<path d="{path}" /></g>'
    if not mark.hatched:
        return group
    # Beside the group: what a style sheet says of a mark's outline would win over the pattern.
    return f'{group}<path class="chart__hatched" d="{path}" fill="url(#{escape(chart_id)}-hatch)" />'
