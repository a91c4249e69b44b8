"""Who comes today, and what to know when neither network nor server answers: a pack to print or to keep.

Everything in it is as of a moment, which the page says; a blank flowsheet for each patient takes what happens.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from clinic.accounts.actor import Actor
from clinic.facilities.models import Site
from patients.models import Allergy, Contact, NoKnownAllergies, Registration
from sessions.models import DoseConfirmation, InfusionSession, ResponsiblePrescriber, WeightMeasurement
from sessions.rules.checking import confirmed_dose
from sessions.rules.corrections import standing
from sessions.states import ENDED, OFF

ONE_KEEPING = timedelta(hours=12)
"""A device fetches it again and again through the day; that is one opening for the log of who opened what."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One patient of the day.

    Attributes:
        allergies_asked: whether an empty list means that there is none.
        weight: the last one of the visit; before it, the scales decide.
        during, after: minutes at which the protocol asks for a reading, from the start and from the end.

    Example: ``Sheet(session, "100001", [], True, [], None, None, [0, 10, 20, 30, 40], [0, 15, 30, 45, 60])``
    """

    session: Any
    record_number: str
    allergies: list[Allergy]
    allergies_asked: bool
    contacts: list[Contact]
    weight: WeightMeasurement | None
    dose: DoseConfirmation | None
    during: list[int]
    after: list[int]


@dataclass(frozen=True, slots=True)
class Pack:
    """A site's day.

    Attributes:
        answering: who answers for the site at this moment, the responsible prescriber first.
    """

    site: Site
    day: date
    now: datetime
    sheets: list[Sheet]
    answering: list[ResponsiblePrescriber]

    @property
    def responsible(self) -> ResponsiblePrescriber | None:
        return self._of(ResponsiblePrescriber.Kind.RESPONSIBLE)

    @property
    def on_call(self) -> ResponsiblePrescriber | None:
        return self._of(ResponsiblePrescriber.Kind.ON_CALL)

    def _of(self, kind: str) -> ResponsiblePrescriber | None:
        return next((named for named in self.answering if named.kind == kind), None)


def downtime_pack(site: Site, *, day: date, actor: Actor, now: datetime) -> Pack:
    """The visits of a day that are not over, in a number of queries that does not grow with them."""
    rows = InfusionSession.objects.for_user(actor).on_day(day, site).with_number()
    ahead = rows.exclude(status__in=[*ENDED, *OFF]).select_related(
        "patient", "chair", "nurse", "booking", "course__protocol_version__protocol", "course__ordered_by"
    )
    sessions = list(ahead.prefetch_related("doses__weight", "weights"))
    patients = {session.patient_id for session in sessions}
    numbers = dict(
        Registration.objects.for_user(actor)
        .filter(site=site, patient__in=patients)
        .values_list("patient_id", "record_number")
    )
    allergies = _by_patient(Allergy.objects.filter(patient__in=patients).active())
    contacts = _by_patient(Contact.objects.filter(patient__in=patients).active())
    asked = set(NoKnownAllergies.objects.filter(patient__in=patients).values_list("patient_id", flat=True))
    sheets = [
        Sheet(
            session=session,
            record_number=numbers.get(session.patient_id, ""),
            allergies=allergies.get(session.patient_id, []),
            allergies_asked=session.patient_id in asked,
            contacts=contacts.get(session.patient_id, []),
            weight=_last_weight(session),
            dose=confirmed_dose(session),
            **_minutes(session),
        )
        for session in sessions
    ]
    named = ResponsiblePrescriber.objects.at(now).filter(site=site).select_related("site", "user", "named_by")
    return Pack(site, day, now, sheets, list(named.order_by("-kind")))


def _by_patient(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.patient_id, []).append(row)
    return found


def _last_weight(session: Any) -> WeightMeasurement | None:
    return max(standing(session.weights.all()), key=lambda row: row.taken_at, default=None)


def _minutes(session: Any) -> dict[str, list[int]]:
    version, duration = session.protocol_version, session.course.duration_minutes
    watched, recovery = version.min_observation_minutes, version.recovery_vitals_interval_minutes
    during = [*range(0, duration, version.vitals_interval_minutes), duration]
    return {"during": during, "after": [*range(recovery, watched, recovery), watched]}
