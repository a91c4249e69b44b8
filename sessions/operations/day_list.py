"""Answering the opening and closing list of a site's day."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from clinic.common.errors import Invalid, Problem
from clinic.common.text import storable
from clinic.facilities.models import Site
from sessions.models import DayListAnswer
from sessions.rules.day_list import BY_CODE
from sessions.rules.moments import person


@transaction.atomic(savepoint=False)
def answer_day_list(
    *,
    site: Site,
    moment: str,
    item: str,
    outcome: str,
    by: Actor,
    note: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> DayListAnswer:
    """Answer one item for the site's present day; the last answer stands.

    Raises:
        Refused: without the right to check patients in at this site.
        Invalid: an item that the list does not have or that the record answers (``day_list.item``), an unknown
            answer, or something that is not in order without words (``day_list.why``).
    """
    now = now or clock.now()
    by.require(Permission.CHECK_IN, site.pk)
    known = BY_CODE.get(item)
    if known is None or known.is_automatic or known.moment != moment:
        message = _("This list has no such item to answer.")
        raise Invalid({"item": Problem("day_list.item", message)})
    if outcome not in DayListAnswer.Outcome.values:
        raise Invalid({"outcome": Problem("day_list.outcome", _("Choose an answer from the list."))})
    words = storable(note, field="note").strip()
    if outcome == DayListAnswer.Outcome.NOT_OK and not words:
        message = _("Say what is wrong and what was done about it.")
        raise Invalid({"note": Problem("day_list.why", message)})
    who = person(by)
    answer = DayListAnswer(
        site=site,
        local_date=clock.local_date(now, site.time_zone),
        moment=moment,
        item=item,
        outcome=outcome,
        note=words,
        taken_at=now,
        taken_by=who,
        entered_at=now,
        entered_by=who,
    )
    if public_id is not None:
        answer.public_id = public_id
    check_fields(answer)
    answer.save(force_insert=True)
    record(verb="day_list.answered", subject=answer, by=by, now=now, site=site)
    return answer
