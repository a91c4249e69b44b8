"""What the timeline of a session tells about orders and drugs: who ordered, drew up, gave and checked what."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from sessions.models import InfusionSession
from sessions.reports.medicines import given_rows
from sessions.rules.quantities import plain, thousandths

Line = tuple[datetime, str, str, str, Any, bool]
"""Moment, kind, text, detail, row, and whether the row was struck."""


def order_lines(session: InfusionSession) -> Iterable[Line]:
    """The lines in no order; the timeline sorts them among its own."""
    yield from _orders(session)
    yield from _medicines(session)
    yield from _preparations(session)
    yield from _checks(session)


def _orders(session: InfusionSession) -> Iterable[Line]:
    for row in session.medicine_orders.select_related("taken_by", "entered_by"):
        text = _("%(kind)s: %(order)s") % {"kind": row.get_kind_display(), "order": row}
        yield row.taken_at, "order", text, row.words, row, False


def _medicines(session: InfusionSession) -> Iterable[Line]:
    for row in given_rows(session):
        given = row.given
        detail = ". ".join(part for part in (given.indication, given.departure_reason) if part)
        yield given.taken_at, "medicine", str(given), detail, given, row.is_struck
        if row.effect and not row.is_struck:
            text = f"{given.medicine}: {row.effect.get_outcome_display()}"
            yield row.effect.taken_at, "medicine", text, row.effect.note, row.effect, False


def _preparations(session: InfusionSession) -> Iterable[Line]:
    rows = list(session.preparations.select_related("product", "taken_by", "entered_by"))
    struck = {row.corrects_id for row in rows if row.retracted}
    for row in rows:
        if row.retracted:
            continue
        drawn = {"mg": plain(thousandths(row.drawn_micrograms)), "product": row.product.name, "lot": row.lot}
        text = _("Drug drawn up: %(mg)s mg, %(product)s, lot %(lot)s") % drawn
        yield row.taken_at, "dose", text, row.departure_reason, row, row.pk in struck


def _checks(session: InfusionSession) -> Iterable[Line]:
    for row in session.dose_checks.select_related("taken_by", "entered_by"):
        mg = {"mg": plain(thousandths(row.dose_micrograms))}
        agreed, differed = _("Second check: %(mg)s mg, agrees"), _("Second check: %(mg)s mg, differs")
        yield row.taken_at, "dose", (agreed if row.agrees else differed) % mg, "", row, False
