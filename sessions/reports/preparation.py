"""What was drawn up, what became of it, and whether all of it is accounted for and witnessed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.stock.models import DrugProduct
from sessions.models import DrugUse, InfusionSession, Preparation
from sessions.rules.moments import is_signed
from sessions.rules.preparing import WITNESSED, unaccounted


@dataclass(frozen=True, slots=True)
class UseRow:
    """What became of a part. ``witness`` is None where one is missing or none is asked for.

    Example: ``UseRow(<wasted 465 mg>, None, is_struck=False, may_witness=True)``
    """

    use: Any
    witness: Any
    is_struck: bool
    may_witness: bool

    @property
    def misses_witness(self) -> bool:
        return self.witness is None and self.use.kind in WITNESSED and not self.is_struck


@dataclass(frozen=True, slots=True)
class PreparationRow:
    """One preparation with everything that became of it."""

    preparation: Any
    uses: list[UseRow]
    is_struck: bool
    given: int
    wasted: int
    returned: int
    difference: int

    @property
    def is_settled(self) -> bool:
        """All of it is accounted for, and what asks for a witness has one."""
        return self.difference == 0 and not any(row.misses_witness for row in self.uses)


@dataclass(frozen=True, slots=True)
class PreparationPanel:
    """The preparations of a session, and what can be chosen for the next."""

    rows: list[PreparationRow]
    products: list[Any]
    may_handle: bool
    may_prepare: bool

    @property
    def current(self) -> PreparationRow | None:
        """The one that is given: the last that stands."""
        standing = [row for row in self.rows if not row.is_struck]
        return standing[-1] if standing else None


def preparation_panel(session: InfusionSession, *, actor: Actor) -> PreparationPanel:
    """Everything about the drug of one session, in four queries however much was drawn."""
    people = ("product", "taken_by", "entered_by")
    rows = list(
        session.preparations.select_related(*people).prefetch_related(
            "uses__taken_by", "uses__witness__taken_by"
        )
    )
    struck = {row.corrects_id for row in rows if row.retracted}
    may_handle = actor.can(Permission.RECORD_OBSERVATIONS, session.site_id)
    who = actor.user_id if may_handle else None
    products = DrugProduct.objects.for_user(actor).filter(site=session.site_id).active()
    return PreparationPanel(
        rows=[_row(row, who=who, is_struck=row.pk in struck) for row in rows if not row.retracted],
        products=list(products) if may_handle else [],
        may_handle=may_handle,
        may_prepare=may_handle and not is_signed(session),
    )


def _row(preparation: Preparation, *, who: int | None, is_struck: bool) -> PreparationRow:
    all_uses = list(preparation.uses.all())
    struck = {use.corrects_id for use in all_uses if use.retracted}
    rows = [_use_row(use, preparation, who, use.pk in struck) for use in all_uses if not use.retracted]
    standing = [row.use for row in rows if not row.is_struck]

    def sum_of(kind: str) -> int:
        return sum(use.micrograms for use in standing if use.kind == kind)

    return PreparationRow(
        preparation=preparation,
        uses=rows,
        is_struck=is_struck,
        given=sum_of(DrugUse.Kind.GIVEN),
        wasted=sum_of(DrugUse.Kind.WASTED),
        returned=sum_of(DrugUse.Kind.RETURNED),
        difference=unaccounted(preparation, standing),
    )


def _use_row(use: Any, preparation: Preparation, who: int | None, is_struck: bool) -> UseRow:
    witness = getattr(use, "witness", None)
    missing = witness is None and use.kind in WITNESSED and not is_struck
    others = {use.taken_by_id, use.entered_by_id, preparation.taken_by_id}
    return UseRow(use, witness, is_struck, missing and who is not None and who not in others)


def unwitnessed_waste(site: Any, day: date) -> list[DrugUse]:
    """Waste and returns of a site, up to the end of a day, that nobody has witnessed: for the day's close."""
    until = clock.day_range(day, site.time_zone)[1]
    rows: Any = DrugUse.objects.current()
    found = rows.filter(
        session__site=site, kind__in=WITNESSED, witness__isnull=True, taken_at__lt=until
    ).select_related("session__patient", "session__site", "preparation__product", "taken_by")
    return list(found.order_by("taken_at", "pk"))


def unsettled_preparations(site: Any, day: date) -> list[PreparationRow]:
    """Preparations of a site, up to the end of a day, of which not all is accounted for: for the day's close."""
    until = clock.day_range(day, site.time_zone)[1]
    uses: Any = DrugUse.objects.current()
    told = uses.filter(preparation=OuterRef("pk")).order_by().values("preparation")
    sums = Subquery(told.annotate(sum=Sum("micrograms")).values("sum"))
    rows: Any = Preparation.objects.current()
    found = (
        rows.filter(session__site=site, taken_at__lt=until)
        .annotate(told=Coalesce(sums, 0))
        .exclude(told=F("drawn_micrograms"))
        .select_related("session__patient", "product", "taken_by")
        .prefetch_related("uses__witness")
    )
    return [_row(preparation, who=None, is_struck=False) for preparation in found.order_by("taken_at", "pk")]


def of_lot(lot: str, *, actor: Actor) -> list[Preparation]:
    """Every preparation from a lot, the latest first: who has had it, when a lot is recalled."""
    corrected = Preparation.objects.filter(corrects=OuterRef("pk"))
    rows = Preparation.objects.for_user(actor).filter(lot__iexact=lot.strip(), retracted=False)
    named = rows.select_related("session__patient", "session__site", "product", "taken_by")
    return list(named.filter(~Exists(corrected)).order_by("-taken_at", "-pk"))
