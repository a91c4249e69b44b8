"""Whose reports somebody may read."""

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission


def reader_of_reports(by: Actor) -> Actor:
    """Whoever asks, with nothing but the sites whose reports and records they may open; there may be none.

    Raises:
        Refused: without the right to open reports anywhere.
    """
    by.require(Permission.VIEW_REPORTS)
    return by.only_at(by.sites_with(Permission.VIEW_REPORTS) & by.sites_with(Permission.VIEW_PATIENTS))
