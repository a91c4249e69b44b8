"""Who did what, and who opened which record, as an auditor reads it. The audit itself knows no people and no sites."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor, ActorKind
from clinic.accounts.permissions import Permission
from clinic.accounts.reports.places import sites_with
from clinic.audit.models import ORGANISATION, AuditChain, AuditEvent
from clinic.audit.verify import broken_links


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after; both empty where the reader may not open the record."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class LogRow:
    """One act in words.

    ``LogRow(at=datetime(…), site_name="Lakeside clinic", verb="session.started", words="Session started",
    who="Ana Ruiz, RN", subject="infusion session", subject_id=UUID("…"), patient_id=UUID("…"), …)``

    Attributes:
        at: on the clocks of its site, without its zone.
        kind: what acted, where it was no person: "job", "import".
        hidden: the values are those of a patient whose record the reader may not open.
    """

    at: datetime
    site_name: str
    verb: str
    words: str
    who: str
    kind: str
    subject: str
    subject_id: UUID
    patient_id: UUID | None
    reason: str
    changes: tuple[Change, ...]
    hidden: bool
    sequence: int


def log_rows(events: QuerySet[AuditEvent], *, actor: Actor) -> tuple[LogRow, ...]:
    """One page of events; three queries, whatever its size."""
    sites = {str(site.public_id): site for site in sites_with(Permission.VIEW_AUDIT, actor=actor)}
    opened = actor.site_keys_with(Permission.VIEW_PATIENTS)
    return tuple(_row(event, sites, opened) for event in events.select_related("chain"))


def _row(event: AuditEvent, sites: dict[str, Any], opened: Iterable[str]) -> LogRow:
    # What belongs to the whole organisation is told on the clocks of the reader's first site.
    site = sites.get(event.site_key) or next(iter(sites.values()))
    hidden = event.patient_id is not None and event.site_key not in opened
    return LogRow(
        at=event.at.astimezone(site.zone).replace(tzinfo=None),
        site_name=site.name if event.site_key else _("Organisation"),
        verb=event.verb,
        words=in_words(event.verb),
        who=event.actor_label,
        kind="" if event.actor_kind == ActorKind.USER else event.actor_kind,
        subject=_name_of(event.subject_type),
        subject_id=event.subject_id,
        patient_id=event.patient_id,
        reason=event.reason,
        changes=tuple(_changes(event, hidden)),
        hidden=hidden,
        sequence=event.sequence,
    )


def _changes(event: AuditEvent, hidden: bool) -> Iterable[Change]:
    for name, (before, after) in event.changed().items():
        label = name.replace("_", " ")
        yield Change(label, None, None) if hidden else Change(label, before, after)


def in_words(verb: str) -> str:
    """``vital_signs.recorded`` reads "Vital signs recorded": verbs are named so that they can be read aloud."""
    return verb.replace("_", " ").replace(".", " ").capitalize()


def _name_of(label: str) -> str:
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except LookupError:
        # A table of an older release.
        return label.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class CheckedChain:
    """A chain walked from its beginning: ``broken`` says what was found first; it is empty for a whole chain."""

    name: str
    events: int
    broken: str


def check_chains(*, actor: Actor) -> tuple[CheckedChain, ...]:
    """Walk every chain that the reader may read; each row of the log is read once."""
    actor.require(Permission.VIEW_AUDIT)
    names = {str(site.public_id): site.name for site in sites_with(Permission.VIEW_AUDIT, actor=actor)}
    names[ORGANISATION] = _("Organisation")
    chains = AuditChain.objects.filter(key__in=names).order_by("pk")
    return tuple(
        CheckedChain(names[chain.key], chain.length, next(iter(broken_links(chain)), "")) for chain in chains
    )
