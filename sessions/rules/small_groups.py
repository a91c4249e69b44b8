"""How small a group may be before its figures are left out."""

SMALLEST_GROUP = 11
"""Figures of fewer patients are not shown: in a small group a figure points at a person, and says nothing.

Graded GK: "small cells, for example n < 11" is common practice in the United States; no rule that binds clinics was
read. It can only be raised here, never lowered by a filter.
"""


def may_be_shown(patients: int) -> bool:
    """Whether a group of so many different patients is large enough."""
    return patients >= SMALLEST_GROUP
