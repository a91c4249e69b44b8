"""One-time links: made, sent, revoked; and what a patient answers through one, kept from the first touch."""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor, ActorKind
from clinic.accounts.permissions import Permission
from clinic.accounts.tokens import digest
from clinic.audit.records import check_fields, save_record
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem, Refused
from clinic.facilities.models import Site
from patients.models import Assessment, LinkAnswer, OneTimeLink, Patient, Registration
from patients.operations.assessing import correct_assessment, record_assessment
from patients.rules import one_time_links as rules
from patients.scoring.instrument import Instrument

GONE_ON = "The patient went on answering."
"""Why a questionnaire that was recorded at the touch of one answer is replaced by the whole of it."""


@transaction.atomic(savepoint=False)
def make_link(
    *,
    patient: Patient,
    site: Site,
    parts: Sequence[str],
    purpose: str,
    expires_at: datetime,
    by: Actor,
    due_at: datetime | None = None,
    language: str = "en",
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> tuple[OneTimeLink, str]:
    """Make a link for one patient at one of their sites.

    Returns:
        the link and the secret of its address, which is told once and stored nowhere.

    Raises:
        Refused: without the right to record scores at the site.
        Invalid: parts that cannot be asked (``link.parts``), an impossible life (``link.life``), or a patient who is
            not registered at the site (``link.not_registered``).
        Conflict: the site cannot tell the patient what must come first (``link.site_not_ready``), or the patient has
            died (``link.died``).
    """
    now = now or clock.now()
    by.require(Permission.RECORD_SCORES, site.pk)
    rules.check_parts(parts, purpose=purpose, site=site, now=now)
    rules.check_life(due_at or now, expires_at, now=now)
    rules.check_site_ready(site)
    _check_patient(patient, site)
    link = OneTimeLink(
        public_id=public_id or uuid.uuid4(),
        patient=patient,
        site=site,
        purpose=purpose,
        parts=list(parts),
        language=language,
        made_at=now,
        due_at=due_at or now,
        expires_at=expires_at,
    )
    secret = _with_secret(link)
    return save_record(link, verb="link.made", by=by, now=now, site=site, patient=patient), secret


def _with_secret(link: OneTimeLink) -> str:
    """Give a link another secret; whoever calls this saves the link."""
    # 128 bits: beyond guessing, and short enough for a text message.
    secret = secrets.token_urlsafe(16)
    link.secret_hash = digest(secret)
    return secret


def _check_patient(patient: Patient, site: Site) -> None:
    if patient.is_deceased:
        raise Conflict(Problem("link.died", _("The patient has died. Nothing is asked any more.")))
    if not Registration.objects.filter(patient=patient, site=site).exists():
        message = _("The patient is not registered at this site.")
        raise Invalid({"site": Problem("link.not_registered", message)})


@transaction.atomic(savepoint=False)
def renew_link(
    *, link: OneTimeLink, expires_at: datetime, by: Actor, now: datetime | None = None
) -> tuple[OneTimeLink, str]:
    """Another secret, and life until then, for a link whose first one certainly reached nobody.

    The old one opens nothing. Returns both as :func:`make_link`.

    Raises:
        Refused: without the right to record scores. Invalid: an impossible life (``link.life``).
        Conflict: it was answered or revoked (``link.over``).
    """
    now = now or clock.now()
    link = _locked(link, by=by, now=None)
    rules.check_life(now, expires_at, now=now)
    secret, link.expires_at = _with_secret(link), expires_at
    save_record(link, verb="link.renewed", by=by, now=now, site=link.site, patient=link.patient)
    return link, secret


@transaction.atomic(savepoint=False)
def send_link(*, link: OneTimeLink, by: Actor, now: datetime | None = None) -> OneTimeLink:
    """Note that the link has gone out to its patient.

    Raises:
        Refused: without the right to record scores. Conflict: it is over (``link.over``).
    """
    now = now or clock.now()
    link = _locked(link, by=by, now=now)
    link.sent_at = now
    return save_record(link, verb="link.sent", by=by, now=now, site=link.site, patient=link.patient)


@transaction.atomic(savepoint=False)
def revoke_link(
    *, link: OneTimeLink, by: Actor, reason: str = "", now: datetime | None = None
) -> OneTimeLink:
    """End a link now; what was typed into it stays kept. Revoking it twice changes nothing.

    Raises:
        Refused: without the right to record scores. Conflict: it was answered (``link.over``).
    """
    now = now or clock.now()
    if link.revoked_at:
        by.require(Permission.RECORD_SCORES, link.site_id)
        return link
    link = _locked(link, by=by, now=None)
    link.revoked_at = now
    verb = "link.revoked"
    return save_record(
        link, verb=verb, by=by, now=now, site=link.site, patient=link.patient, reason=reason.strip()
    )


@transaction.atomic(savepoint=False)
def begin_link(*, link: OneTimeLink, by: Actor, now: datetime | None = None) -> OneTimeLink:
    """Note that the patient has opened the questions; only the first time.

    Raises:
        Conflict: it is over (``link.over``).
    """
    now = now or clock.now()
    link = _locked(link, by=by, now=now)
    if link.opened_at is None:
        link.opened_at = now
        save_record(link, verb="link.opened", by=by, now=now, site=link.site, patient=link.patient)
    return link


@transaction.atomic(savepoint=False)
def keep_answers(
    *,
    link: OneTimeLink,
    part: str,
    answers: Mapping[str, Any],
    by: Actor,
    language: str = "en",
    now: datetime | None = None,
) -> LinkAnswer:
    """Keep what stands in one part now. An answer on suicide is recorded at once, submitted or not.

    What came before and is not named stays: a request that was overtaken by another takes nothing away.

    Args:
        language: of the page on which it was asked, which decides between licensed words in several languages.

    Raises:
        Invalid: an answer that is none, or a part that was not asked (``link.part``).
        Conflict: the link is over (``link.over``).
    """
    now = now or clock.now()
    link = _locked(link, by=by, now=now)
    if part not in link.parts:
        raise Invalid({"part": Problem("link.part", _("This was not asked."))})
    row = link.answers.filter(part=part).select_related("assessment", "wording").first()
    row = row or LinkAnswer(link=link, part=part)
    if words := rules.asked_in(link, part, language=language, now=now):
        row.wording = words.answered or row.wording
        if row.wording is None:
            raise Invalid({"part": Problem("link.part", _("This cannot be asked: no licence is in date."))})
    questionnaire = rules.questionnaire_of(row)
    typed = rules.read_typed(dict(answers), questionnaire) if questionnaire else dict(answers)
    row.answers = {**row.answers, **typed}
    row.saved_at = now
    if questionnaire:
        row.assessment = _recorded_at_touch(row, questionnaire, by=by, now=now)
    check_fields(row)
    row.save()
    return row


def _recorded_at_touch(
    row: LinkAnswer, questionnaire: Instrument, *, by: Actor, now: datetime
) -> Assessment | None:
    """What stands recorded of these answers: anew where one on suicide was given, or is higher than before."""
    flags = questionnaire.score(row.answers).flags
    known = row.assessment.answers if row.assessment else {}
    if all(row.answers[code] <= known.get(code, -1) for code in flags):
        return row.assessment
    return _recorded(row, by=by, now=now)


def _recorded(row: LinkAnswer, *, by: Actor, now: datetime) -> Assessment:
    """The answers as a recorded questionnaire; what was recorded of them before is replaced, and stays readable."""
    before = row.assessment
    if before is None:
        return record_assessment(
            patient=row.link.patient,
            instrument=row.part,
            answers=row.answers,
            wording=row.wording,
            mode=Assessment.Mode.SELF,
            taken_at=row.saved_at,
            by=by,
            now=now,
        )
    if before.answers == row.answers:
        return before
    return correct_assessment(
        assessment=before, reason=GONE_ON, answers=row.answers, taken_at=row.saved_at, by=by, now=now
    )


@transaction.atomic(savepoint=False)
def answer_link(
    *, link: OneTimeLink, by: Actor, half_filled: bool = False, now: datetime | None = None
) -> OneTimeLink:
    """Close the questions and record every questionnaire as far as it was answered, with the time of its last answer.

    Args:
        half_filled: the time of the link is over, and what was typed until then is recorded all the same.

    Raises:
        Invalid: nothing at all was answered (``link.empty``). Conflict: the link is over (``link.over``).
    """
    now = now or clock.now()
    link = _locked(link, by=by, now=None if half_filled else now)
    rows = {row.part: row for row in link.answers.select_related("assessment", "wording", "link__patient")}
    if not any(row.answers for row in rows.values()):
        raise Invalid({"": Problem("link.empty", _("Nothing was answered. Answer at least one question."))})
    for part in link.parts:
        row = rows.get(part)
        if row and row.answers and rules.questionnaire_of(row):
            row.assessment = _recorded(row, by=by, now=now)
            row.save(update_fields=["assessment"])
    link.answered_at = now
    return save_record(link, verb="link.answered", by=by, now=now, site=link.site, patient=link.patient)


def _locked(link: OneTimeLink, *, by: Actor, now: datetime | None) -> OneTimeLink:
    """The link, locked; open at ``now`` where one is given, else whatever its dates but not answered or revoked."""
    by.require(Permission.RECORD_SCORES, link.site_id)
    if by.kind is ActorKind.LINK and by.key != f"link:{link.public_id}":
        raise Refused(Problem("link.other", _("This is another link.")))
    rows = OneTimeLink.objects.select_related("patient", "site")
    found: OneTimeLink = rows.locked().get(pk=link.pk)
    ended = found.answered_at or found.revoked_at or (now is not None and found.expires_at <= now)
    if ended:
        message = _("This link was answered, revoked, or has expired. Make another one.")
        raise Conflict(Problem("link.over", message))
    return found
