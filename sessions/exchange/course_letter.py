"""The summary of a course as a PDF: tagged, so that it can be read aloud, and the same bytes for the same record.

Everything that comes from the record reaches the typesetter as one JSON text and is never read as markup.
"""

import json
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typst
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from clinic.accounts.requests import StaffRequest
from clinic.audit.recording import record_access
from clinic.common import clock
from clinic.common.charts.lines import LineChart
from clinic.common.errors import Conflict, Problem
from sessions.models import Course
from sessions.reports.course_letter import CourseLetter, course_letter

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
SOURCE = HERE / "course_letter.typ"
NO_GLYPH = "could not be displayed"
INK = """
text { font-family: "Liberation Sans"; font-size: 13px; fill: #222 }
.chart__grid { stroke: #ddd } .chart__axis { stroke: #666 } .chart__tick--y { text-anchor: end }
.chart__tick--x { text-anchor: middle } .chart__axis-title, .chart__band-name { text-anchor: end }
.chart__band-name, .chart__lane-name, .chart__tick { fill: #555 } .chart__panel-title { font-weight: bold }
.chart__line { fill: none; stroke: #111; stroke-width: 2 } .chart__mark path { fill: #111; stroke: #111 }
.chart__mark--hollow path, .chart__mark--earlier path, .chart__mark--outside path, .chart__mark--effect-1 path,
.chart__mark--missed path { fill: #fff } .chart__mark--stopped path { fill: none; stroke-width: 2 }
.chart__mark--effect-2 path { fill: #999 } .chart__reach { fill: none; stroke: #777; stroke-dasharray: 1 3 }
.chart__level line { stroke: #555; stroke-dasharray: 4 4 } .chart__event line { stroke: #555 }
.chart__hatch { stroke: #555; stroke-width: 2 } .chart__label { font-weight: bold }
.chart__band rect { fill: #000; opacity: 0.02 } .chart__band--2 rect { opacity: 0.04 }
.chart__band--3 rect { opacity: 0.06 } .chart__band--4 rect { opacity: 0.08 } .chart__band--5 rect { opacity: 0.1 }
"""
"""The chart in print: no page's style sheet reaches into a PDF."""


@login_required
@require_safe
def letter(request: StaffRequest, course_id: uuid.UUID) -> HttpResponse:
    """The PDF; that it was made is noted."""
    rows = Course.objects.for_user(request.actor).select_related(
        "patient", "site", "protocol_version__protocol"
    )
    course: Course = get_object_or_404(rows, public_id=course_id)
    now = clock.now()
    body = as_pdf(course_letter(course, actor=request.actor, now=now))
    record_access(what="course-letter", patient=course.patient, by=request.actor, now=now)
    response = HttpResponse(body, content_type="application/pdf")
    # No name in it: it stays in download folders.
    response["Content-Disposition"] = f'inline; filename="course-{str(course_id)[:8]}.pdf"'
    return response


def as_pdf(found: CourseLetter) -> bytes:
    """The letter as PDF/UA-1: the typesetter refuses what could not be read aloud, such as a chart without words.

    Raises:
        Conflict: a word in it has letters that the font lacks (``letter.letters``).
    """
    told = asdict(found) | {"chart": None}
    if found.chart is not None:
        told["chart"] = {
            "svg": as_svg(found.chart),
            "words": f"{found.chart.title}. {found.chart.description}",
        }
    try:
        made: Any = typst.compile(
            SOURCE,
            root=HERE,
            font_paths=[FONTS],
            ignore_system_fonts=True,
            sys_inputs={"letter": json.dumps(told, default=str)},
            pdf_standards=["ua-1"],
        )
    except typst.TypstError as error:
        if NO_GLYPH not in str(error):
            raise
        message = _(
            "The PDF knows Latin, Greek and Cyrillic letters only, and this letter has others."
            " Print its page instead: it says the same."
        )
        raise Conflict(Problem("letter.letters", message)) from None
    return bytes(made)


def as_svg(chart: LineChart) -> str:
    """The chart of the page as a drawing that stands by itself."""
    drawn = render_to_string("_components/charts/_lines.svg.html", {"chart": chart}).strip()
    opened, _close, rest = drawn.partition(">")
    namespaced = opened.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    size = f' width="{chart.width}" height="{chart.height}">'
    return f"{namespaced}{size}<style>{INK}</style>{rest}"
