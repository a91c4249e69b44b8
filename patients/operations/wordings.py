"""Words of questionnaires under a site's licence: entered as a version, approved, withdrawn; never changed."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from clinic.facilities.models import Site
from patients.models import LicensedWording, WordingStep
from patients.rules import wordings as rules
from patients.rules.access import person


@transaction.atomic(savepoint=False)
def enter_wording(
    *,
    site: Site,
    instrument: str,
    licence_holder: str,
    licence_reference: str,
    licensed_from: date,
    stem: str,
    items: Mapping[str, Any],
    by: Actor,
    language: str = "en",
    licensed_until: date | None = None,
    licence_note: str = "",
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> LicensedWording:
    """State a licence and enter the words that it lets the site show; shown to nobody until it is approved.

    Args:
        instrument: code of a questionnaire whose words this software does not bring.
        licensed_until: the last day of the licence; None where it names none.
        items: ``{item code: {"text": words, "answers": {value: words}}}``.

    Raises:
        Refused: without the right LICENSE_WORDING at the site.
        Invalid: no such questionnaire, an impossible licence, or words that are missing, too long or out of place.
    """
    now = now or clock.now()
    by.require(Permission.LICENSE_WORDING, site.pk)
    questionnaire = rules.find_licensable(instrument)
    rules.check_licence(language=language, licensed_from=licensed_from, licensed_until=licensed_until)
    read = rules.read_items(items, questionnaire)
    _lock(site)
    earlier = LicensedWording.objects.filter(site=site, instrument_code=instrument, language=language)
    wording = LicensedWording(
        public_id=public_id or uuid.uuid4(),
        site=site,
        instrument_code=questionnaire.code,
        instrument_version=questionnaire.version,
        language=language,
        number=(earlier.aggregate(last=Max("number"))["last"] or 0) + 1,
        licence_holder=licence_holder.strip(),
        licence_reference=licence_reference.strip(),
        licensed_from=licensed_from,
        licensed_until=licensed_until,
        licence_note=licence_note.strip(),
        stem=stem.strip(),
        items=read,
        entered_at=now,
        entered_by=person(by),
    )
    check_fields(wording)
    wording.save(force_insert=True)
    record(verb="wording.entered", subject=wording, by=by, now=now, site=site)
    return wording


@transaction.atomic(savepoint=False)
def approve_wording(
    *, wording: LicensedWording, by: Actor, now: datetime | None = None, public_id: uuid.UUID | None = None
) -> WordingStep:
    """Let a version be shown, from now or from the first day of its licence; it takes the place of the one before.

    Raises:
        Refused: without the right LICENSE_WORDING at the site.
        Conflict: approved or withdrawn before, or its licence has ended.
    """
    now = now or clock.now()
    kinds = _kinds(wording, by=by)
    rules.check_can_approve(wording, kinds, day=clock.local_date(now, wording.site.time_zone))
    return _step(wording, WordingStep.Kind.APPROVED, by=by, now=now, public_id=public_id)


@transaction.atomic(savepoint=False)
def withdraw_wording(
    *,
    wording: LicensedWording,
    reason: str,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> WordingStep:
    """Show a version no more, from now on; what was answered in it stays.

    Raises:
        Refused: without the right LICENSE_WORDING at the site.
        Invalid: no reason. Conflict: withdrawn before.
    """
    now = now or clock.now()
    kinds = _kinds(wording, by=by)
    rules.check_can_withdraw(kinds, reason=reason)
    return _step(wording, WordingStep.Kind.WITHDRAWN, by=by, now=now, public_id=public_id, reason=reason)


def _lock(site: Site) -> None:
    # The version approved last stands: two at a time would not know which of them is the last.
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)


def _kinds(wording: LicensedWording, *, by: Actor) -> set[str]:
    by.require(Permission.LICENSE_WORDING, wording.site_id)
    _lock(wording.site)
    return set(wording.steps.values_list("kind", flat=True))


def _step(
    wording: LicensedWording,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    public_id: uuid.UUID | None,
    reason: str = "",
) -> WordingStep:
    who = person(by)
    step = WordingStep(
        public_id=public_id or uuid.uuid4(),
        wording=wording,
        kind=kind,
        reason=reason.strip(),
        taken_at=now,
        taken_by=who,
        entered_at=now,
        entered_by=who,
    )
    check_fields(step)
    step.save(force_insert=True)
    record(verb=f"wording.{kind}", subject=step, by=by, now=now, site=wording.site, reason=reason.strip())
    return step
