"""Accepting answers on suicide out of hours, and taking it back."""

import uuid
from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.audit.records import save_record
from clinic.common import clock
from clinic.common.constraints import violated
from clinic.common.errors import Conflict, Problem
from clinic.facilities.models import Site
from clinic.facilities.rules.ranges import check_range
from patients.models import AnswerCover
from patients.rules.access import person
from patients.rules.answer_cover import LONGEST, check_may_accept, check_may_take_back, check_not_over


@transaction.atomic(savepoint=False)
def accept_answers(
    *,
    site: Site,
    starts_at: datetime,
    ends_at: datetime,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> AnswerCover:
    """Accept the answers that arrive at a site in ``[starts_at, ends_at)`` while it is closed; for oneself only.

    Links that ask about suicide are then sent in that time too, and the review of an answer that arrives in it has
    this person as its owner.

    Raises:
        Refused: without the rights of a clinician who confirms reviews there.
        Invalid: a time that cannot be meant, or longer than seven days.
        Conflict: somebody has accepted part of that time (``answer_cover.taken``).
    """
    now = now or clock.now()
    check_may_accept(by, site.pk)
    check_range(starts_at, ends_at, now=now, longest=LONGEST)
    check_not_over(ends_at, now=now)
    cover = AnswerCover(
        public_id=public_id or uuid.uuid4(),
        site=site,
        user=person(by),
        starts_at=starts_at.astimezone(UTC),
        ends_at=ends_at.astimezone(UTC),
        accepted_at=now,
    )
    _check_free(cover)
    try:
        return save_record(cover, verb="answer_cover.accepted", by=by, now=now, site=site)
    except IntegrityError as error:
        if violated(error) != "answer_cover_once":
            raise
        message = _("Somebody else has accepted this time just now. Reload the page and look.")
        raise Conflict(Problem("answer_cover.taken", message)) from error


def _check_free(cover: AnswerCover) -> None:
    others = AnswerCover.objects.standing().filter(site=cover.site)
    other = others.overlapping(cover.starts_at, cover.ends_at).select_related("user").first()
    if other is None:
        return
    message = _("%(name)s has accepted from %(start)s to %(end)s. Choose other times.")
    start, end = (
        at.astimezone(cover.site.zone).strftime("%a %d %b %H:%M") for at in (other.starts_at, other.ends_at)
    )
    raise Conflict(
        Problem("answer_cover.taken", message, {"name": other.user.display_name, "start": start, "end": end})
    )


@transaction.atomic(savepoint=False)
def take_back_answers(
    *, cover: AnswerCover, by: Actor, expected_revision: int, now: datetime | None = None
) -> AnswerCover:
    """It ends now; what has not begun is withdrawn. Links that went out because of it stay open: they are not told.

    Raises:
        Refused: somebody else's, without the right to plan the roster (``answer_cover.not_theirs``).
        Conflict: it is over (``answer_cover.over``). Stale: it was changed after ``expected_revision``.
    """
    now = now or clock.now()
    rows = AnswerCover.objects.select_related("site", "user")
    cover = rows.select_for_update(no_key=True, of=("self",)).get(pk=cover.pk)
    check_may_take_back(by, cover)
    if cover.is_withdrawn or cover.ends_at <= now:
        raise Conflict(Problem("answer_cover.over", _("This is over already.")))
    if cover.starts_at >= now:
        cover.is_withdrawn = True
    else:
        cover.ends_at = now.astimezone(UTC)
    return save_record(
        cover,
        verb="answer_cover.taken_back",
        by=by,
        now=now,
        site=cover.site,
        expected_revision=expected_revision,
    )
