"""Who fits a search?"""

from clinic.accounts.actor import Actor
from patients.models import Patient
from patients.reading.search_terms import SearchTerm

LIMIT = 25


def find_patients(text: str, *, actor: Actor) -> tuple[list[Patient], bool]:
    """At most :data:`LIMIT` patients within reach in the order of their names, and whether there are more.

    Two queries, whatever is typed: the patients, and their record numbers at the actor's sites.
    """
    term = SearchTerm.parse(text)
    if term.is_empty:
        return [], False
    found = Patient.objects.for_user(actor).matching(term, actor=actor).with_record_numbers(actor)
    patients = list(found[: LIMIT + 1])
    return patients[:LIMIT], len(patients) > LIMIT
