"""What a nurse of the demo writes about cannula and pump."""

from typing import Any

from sessions.models import InfusionSession
from sessions.operations.infusion_totals import record_totals
from sessions.operations.iv_access import place_iv_access, remove_iv_access
from sessions.rules.delivery import charted
from sessions.rules.iv_access import lying_accesses

RESIDUAL = 600
"""Microlitres that stay behind in the line."""


def place_cannula(*, session: InfusionSession, attempts: int, **told: Any) -> None:
    """A common one, in the forearm."""
    place_iv_access(
        session=session, site="forearm", side="left", gauge=22, attempts=attempts, patency="free", **told
    )


def take_cannula_out(*, session: InfusionSession, **told: Any) -> None:
    """Whichever lies."""
    for access in lying_accesses(session):
        remove_iv_access(access=access, condition="intact", **told)


def read_the_pump(*, session: InfusionSession, **told: Any) -> None:
    """The pump shows nearly what the chart computes."""
    session = InfusionSession.objects.get(pk=session.pk)
    assert session.infusion_ended_at is not None
    volume = charted(session, at=session.infusion_ended_at).microlitres
    assert volume is not None
    pump = max(0, round(volume) - RESIDUAL) // 100 * 100
    record_totals(
        session=session,
        pump_microlitres=pump,
        used="pump",
        residual_microlitres=RESIDUAL,
        flush_microlitres=0,
        **told,
    )
