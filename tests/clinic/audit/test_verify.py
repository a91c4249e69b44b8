"""A chain shows what was done to it, and names the event."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.accounts.actor import Actor
from clinic.audit.models import AuditChain, AuditEvent
from clinic.audit.recording import hash_of, record
from clinic.audit.verify import broken_links, verify_all
from clinic.common.text import is_storable
from tests.clinic.audit.tampering import drop_guards, execute
from tests.scenes import make_site, make_user, staff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def chain(db):
    """Three events of a site."""
    site = make_site()
    nurse = staff("nurse", site)
    for number in range(3):
        record(
            verb="place.tidied",
            subject=nurse.user,
            patient=nurse.user,
            by=nurse,
            now=NOW + timedelta(minutes=number),
            site=site,
            reason=f"Reason {number}",
            before={"number": number},
            after={"number": number + 1},
        )
    return AuditChain.objects.get(key=str(site.public_id))


def found_in(chain):
    chain.refresh_from_db()
    return [sentence.removeprefix(f"{chain.key}: ") for sentence in broken_links(chain)]


def test_a_whole_chain_has_nothing_to_say(chain):
    assert found_in(chain) == []
    assert (chain.length, chain.head) == (3, chain.events.get(sequence=3).hash)


ALTERED = "event 2 was altered."
COLUMNS = {
    "verb": "place.soiled",
    "actor_label": "Somebody else",
    "actor_kind": "job",
    "subject_type": "patients.patient",
    "reason": "Another reason",
    "request_id": "0123456789",
    "details_digest": "0" * 64,
    "hash": "0" * 64,
    "previous_hash": "0" * 64,
}


@pytest.mark.parametrize(("column", "value"), COLUMNS.items())
def test_an_altered_event_is_named(chain, column, value):
    drop_guards()
    execute(f"UPDATE audit_event SET {column} = %s WHERE sequence = 2", value)
    assert found_in(chain)[0] == ALTERED


def test_an_altered_time_person_subject_or_patient_is_named(chain):
    drop_guards()
    other = make_user()
    events = AuditEvent.objects.filter(sequence=2)
    stored = events.get()
    for change in (
        {"at": NOW},
        {"actor": other},
        {"actor": None},
        {"subject_id": other.public_id},
        {"patient_id": None},
    ):
        events.update(**change)
        assert found_in(chain)[0] == ALTERED, change
        stored.save(force_update=True)
        assert found_in(chain) == []


def test_altered_details_are_named_and_purged_ones_are_no_break(chain):
    drop_guards()
    AuditEvent.objects.filter(sequence=2).update(details={"after": {"number": 7}})
    assert found_in(chain) == ["the details of event 2 were altered."]
    AuditEvent.objects.filter(sequence=2).update(details={})
    assert found_in(chain) == []


@pytest.mark.parametrize(
    ("sequence", "sentence"),
    [
        (1, "event 1 is missing."),
        (2, "event 2 is missing."),
        (3, "the chain ends at event 2, its head says 3."),
    ],
)
def test_a_removed_event_is_missed(chain, sequence, sentence):
    drop_guards()
    execute("DELETE FROM audit_event WHERE sequence = %s", sequence)
    assert found_in(chain)[0] == sentence


def test_an_event_rewritten_with_its_hash_breaks_the_next(chain):
    drop_guards()
    event = AuditEvent.objects.get(sequence=2)
    event.reason = "Another reason"
    event.hash = hash_of(event)
    event.save(force_update=True)
    assert found_in(chain)[0] == "event 3 was altered."


def test_two_events_exchanged_are_named(chain):
    drop_guards()
    for before, after in ((1, 9), (2, 1), (9, 2)):
        execute("UPDATE audit_event SET sequence = %s WHERE sequence = %s", after, before)
    assert found_in(chain)[0] == "event 1 was altered."


def test_the_last_event_rewritten_with_its_hash_does_not_fit_the_head(chain):
    drop_guards()
    event = AuditEvent.objects.get(sequence=3)
    event.reason = "Another reason"
    event.hash = hash_of(event)
    event.save(force_update=True)
    assert found_in(chain) == ["the chain ends at event 3, its head says 3."]


def following(chain, *, sequence=4, previous_hash=None):
    """An event as nobody recorded it, by default one that would follow."""
    event = AuditEvent.objects.get(sequence=3)
    event.pk, event.public_id, event.sequence = None, make_user().public_id, sequence
    event.previous_hash = event.hash if previous_hash is None else previous_hash
    event.hash = hash_of(event)
    return event


def test_an_event_slipped_in_after_the_head_is_named(chain):
    event = following(chain)
    drop_guards()
    event.save(force_insert=True)
    assert found_in(chain) == ["event 4 was added without moving the head."]


@pytest.mark.parametrize(
    "wrong", [{"sequence": 5}, {"sequence": 2}, {"previous_hash": "0" * 64}, {"previous_hash": ""}]
)
def test_the_database_takes_no_event_that_does_not_follow_and_moves_the_head_itself(chain, wrong):
    with pytest.raises(IntegrityError, match="audit_event_follows"), transaction.atomic():
        following(chain, **wrong).save(force_insert=True)
    chain.refresh_from_db()
    assert chain.length == chain.events.count() == 3
    event = following(chain)
    event.save(force_insert=True)
    assert found_in(chain) == []
    assert (chain.length, chain.head) == (4, event.hash)


def test_a_clinic_that_works_on_while_it_is_verified_is_whole(chain):
    """The head was read before the events: what has come since is no break."""
    sentences = broken_links(AuditChain.objects.get(pk=chain.pk))
    site = make_site()
    record(verb="place.tidied", subject=site, by=staff("nurse", site), now=NOW, site=site)
    assert list(sentences) == []


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(max_size=20).filter(is_storable)
    | st.datetimes(timezones=st.just(UTC))
    | st.decimals(allow_nan=False, allow_infinity=False, places=2)
    | st.uuids(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers(0, 30), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50)
@given(values=st.lists(json_values, max_size=3), reason=st.text(max_size=40).filter(is_storable))
def test_whatever_is_told_is_read_back_as_it_was_hashed(values, reason):
    site = make_site()
    for value in values:
        record(
            verb="place.tidied",
            subject=site,
            by=_job(),
            now=NOW,
            site=site,
            reason=reason,
            after={"value": value},
        )
    assert verify_all().broken == ""


def _job():
    return Actor.job("tidying", site_ids=[], permissions=[])


def test_every_chain_is_walked_and_the_first_break_named(chain):
    south = make_site("south")
    record(verb="place.tidied", subject=south, by=_job(), now=NOW, site=south)
    record(verb="place.tidied", subject=south, by=_job(), now=NOW)
    verdict = verify_all()
    assert (verdict.chains, verdict.events, verdict.broken) == (3, 5, "")
    drop_guards()
    execute("UPDATE audit_event SET reason = 'x' WHERE chain_id <> %s", chain.pk)
    assert verify_all().broken == f"{south.public_id}: event 1 was altered."


def test_the_command_says_so_in_one_line(chain):
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert out.getvalue() == "The audit log is whole: 3 events in 1 chains.\n"


def test_the_command_names_the_broken_row_and_fails(chain):
    drop_guards()
    execute("UPDATE audit_event SET verb = 'place.soiled' WHERE sequence IN (2, 3)")
    with pytest.raises(CommandError) as caught:
        call_command("verify_audit", stdout=StringIO())
    assert str(caught.value) == f"The audit log is broken. {chain.key}: {ALTERED}"
    assert caught.value.returncode == 1
