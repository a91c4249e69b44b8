"""Walking a chain from its beginning."""

from collections.abc import Iterator

from clinic.audit.chain import digest_of_details
from clinic.audit.models import AuditChain
from clinic.audit.recording import hash_of


def broken_links(chain: AuditChain) -> Iterator[str]:
    """A sentence for every event that is missing, altered or out of order; nothing for a whole chain."""
    previous, expected = "", 1
    for event in chain.events.order_by("sequence").iterator():
        if event.sequence != expected:
            yield f"{chain.key}: event {expected} is missing."
            expected = event.sequence
        if event.previous_hash != previous or hash_of(event) != event.hash:
            yield f"{chain.key}: event {event.sequence} was altered."
        if event.details and digest_of_details(event.details, event.details_salt) != event.details_digest:
            yield f"{chain.key}: the details of event {event.sequence} were altered."
        previous, expected = event.hash, expected + 1
    if chain.length != expected - 1 or chain.head != previous:
        yield f"{chain.key}: the chain ends at event {expected - 1}, its head says {chain.length}."
