"""Signing a chart, reviewing it, and adding to it afterwards."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.audit.recording import record
from clinic.common import clock
from clinic.common.errors import Invalid, Problem
from clinic.common.text import storable
from sessions.models import Addendum, InfusionSession, Signature
from sessions.operations.transition import locked_session
from sessions.rules.moments import person
from sessions.rules.signing import (
    EDITION,
    check_can_add_addendum,
    check_can_review,
    check_can_sign,
    digest_of_chart,
)
from sessions.rules.texts import check_length


@transaction.atomic(savepoint=False)
def sign(
    *,
    session: InfusionSession,
    by: Actor,
    statement: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> Signature:
    """Sign the chart as its author; from then on it is locked and only added to.

    Raises:
        Refused: the right is missing.
        Conflict: the visit is not over, or content is missing; all of it listed.
    """
    now = now or clock.now()
    session = locked_session(session)
    check_can_sign(session=session, by=by)
    return _sign(session, Signature.Meaning.AUTHOR, by=by, statement=statement, now=now, public_id=public_id)


@transaction.atomic(savepoint=False)
def review(
    *,
    session: InfusionSession,
    by: Actor,
    statement: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> Signature:
    """Sign the chart as the reviewing prescriber.

    Raises:
        Refused: the right is missing, or it is one's own chart and the site asks for two people.
        Conflict: the author has not signed, or it is reviewed already.
    """
    now = now or clock.now()
    session = locked_session(session)
    check_can_review(session=session, by=by)
    return _sign(session, Signature.Meaning.REVIEW, by=by, statement=statement, now=now, public_id=public_id)


def _sign(
    session: InfusionSession,
    meaning: Signature.Meaning,
    *,
    by: Actor,
    statement: str,
    now: datetime,
    public_id: uuid.UUID | None,
) -> Signature:
    who = person(by)
    # A review is a signature over the digest of its author, also when a release has come in between.
    author = session.signatures.filter(meaning=Signature.Meaning.AUTHOR).first()
    edition = author.edition if author else EDITION
    signature = Signature.objects.create(
        public_id=public_id or uuid.uuid4(),
        session=session,
        meaning=meaning,
        signed_by=who,
        signed_at=now,
        printed_name=who.printed_name,
        statement=storable(statement, field="statement").strip(),
        digest=digest_of_chart(session, edition=edition),
        edition=edition,
    )
    verb = "chart.signed" if meaning == Signature.Meaning.AUTHOR else "chart.reviewed"
    record(
        verb=verb,
        subject=signature,
        by=by,
        now=now,
        site=session.site,
        patient=session.patient,
        after={"digest": signature.digest},
    )
    return signature


@transaction.atomic(savepoint=False)
def add_addendum(
    *,
    session: InfusionSession,
    text: str,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> Addendum:
    """Add to a signed chart: dated, with its author, beside the original.

    Raises:
        Invalid: ``addendum.empty``, ``text.unreadable``, ``note.too_long`` (over 100 kB).
        Conflict: ``chart.not_signed`` while the chart is still open.
    """
    now = now or clock.now()
    session = locked_session(session)
    check_can_add_addendum(session=session, by=by)
    if not storable(text, field="text").strip():
        raise Invalid({"text": Problem("addendum.empty", _("Write the addendum before you add it."))})
    check_length(text)
    who = person(by)
    addendum = Addendum.objects.create(
        public_id=public_id or uuid.uuid4(),
        session=session,
        text=text,
        taken_at=now,
        taken_by=who,
        entered_at=now,
        entered_by=who,
    )
    record(
        verb="chart.addendum_added",
        subject=addendum,
        by=by,
        now=now,
        site=session.site,
        patient=session.patient,
    )
    return addendum
