"""Which cannulas lie. Check and discharge may ask here instead of a person."""

from sessions.models import InfusionSession, IVAccess
from sessions.rules.corrections import standing


def standing_accesses(session: InfusionSession) -> list[IVAccess]:
    """Every cannula that was placed in this visit and stands in the record."""
    return standing(session.iv_accesses.select_related("removal", "taken_by", "entered_by"))


def lying_accesses(session: InfusionSession) -> list[IVAccess]:
    """Those that nobody has taken out."""
    return [access for access in standing_accesses(session) if not hasattr(access, "removal")]


def has_iv_access(session: InfusionSession) -> bool:
    """Answers the check item ``iv-access``: a cannula lies and flushes."""
    return any(access.patency != IVAccess.Patency.BLOCKED for access in lying_accesses(session))


def is_iv_removed(session: InfusionSession) -> bool | None:
    """Answers the discharge criterion ``iv-removed``; None where no cannula was ever recorded."""
    placed = standing_accesses(session)
    return all(hasattr(access, "removal") for access in placed) if placed else None
