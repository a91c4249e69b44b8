"""Walking a chain from its beginning."""

from collections.abc import Iterator
from dataclasses import dataclass

from clinic.audit.chain import digest_of_details
from clinic.audit.models import AuditChain, AuditEvent
from clinic.audit.recording import hash_of


def broken_links(chain: AuditChain) -> Iterator[str]:
    """A sentence for every event that is missing, altered or out of order; nothing for a whole chain."""
    previous, expected = "", 1
    hash_at = {0: ""}
    for event in chain.events.order_by("sequence").iterator():
        if event.sequence != expected:
            yield f"{chain.key}: event {expected} is missing."
            expected = event.sequence
        if event.previous_hash != previous or hash_of(event) != event.hash:
            yield f"{chain.key}: event {event.sequence} was altered."
        if event.details and digest_of_details(event.details, event.details_salt) != event.details_digest:
            yield f"{chain.key}: the details of event {event.sequence} were altered."
        previous, expected = event.hash, expected + 1
        if event.sequence == chain.length:
            hash_at[chain.length] = event.hash
    # The head was read before the events, and a clinic at work writes on: the events may have gone further.
    if hash_at.get(chain.length) != chain.head:
        yield f"{chain.key}: the chain ends at event {expected - 1}, its head says {chain.length}."
    yield from _beyond_the_head(chain, expected - 1)


def _beyond_the_head(chain: AuditChain, last: int) -> Iterator[str]:
    # Read after the events: whatever was written properly in between has moved the head too.
    length = AuditChain.objects.values_list("length", flat=True).get(pk=chain.pk)
    if last > length:
        yield f"{chain.key}: event {length + 1} was added without moving the head."


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in all chains: how much was read, and the first broken link if there is one."""

    chains: int
    events: int
    broken: str


def verify_all() -> Verdict:
    """Walk every chain; stop at the first broken link."""
    chains = list(AuditChain.objects.order_by("pk"))
    broken = next((sentence for chain in chains for sentence in broken_links(chain)), "")
    return Verdict(chains=len(chains), events=AuditEvent.objects.count(), broken=broken)
