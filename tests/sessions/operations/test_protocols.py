"""Drafting, editing and approving protocols."""

import uuid
from datetime import timedelta

import pytest

from clinic.accounts.actor import Actor
from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from sessions.demo.protocols import DEPRESSION
from sessions.models import Protocol, ProtocolVersion
from sessions.operations import protocols
from tests.refusals import refused
from tests.sessions.scenes import NOON


@pytest.fixture
def protocol(clinic):
    return protocols.create_protocol(
        code="pain", name="Ketamine for pain", indication="Chronic pain", by=clinic.prescriber, now=NOON
    )


def draft(protocol, clinic, **content):
    told = {"by": clinic.prescriber, "now": NOON}
    return protocols.draft_version(protocol=protocol, content=DEPRESSION | content, **told)


def fresh(version):
    return ProtocolVersion.objects.get(pk=version.pk)


def test_create_a_protocol_for_another_indication(clinic, protocol):
    assert Protocol.objects.get(code="pain").indication == "Chronic pain"
    assert AuditEvent.objects.latest("pk").verb == "protocol.created"
    told = {"name": "Again", "indication": "Pain", "by": clinic.prescriber}
    with refused(Conflict, "protocol.exists"):
        protocols.create_protocol(code="pain", **told)
    with refused(Invalid, "field.invalid"):
        protocols.create_protocol(code="no such code!", **told)
    with refused(Refused, "permission.missing"):
        protocols.create_protocol(code="other", **told | {"by": clinic.nurse})


def test_draft_is_the_next_version_and_usable_nowhere(clinic, protocol):
    first, second = draft(protocol, clinic), draft(protocol, clinic, planned_infusions=8)
    assert (first.number, second.number) == (1, 2)
    assert (second.planned_infusions, second.state) == (8, "draft")
    assert (second.drafted_by, second.drafted_at) == (clinic.prescriber.user, NOON)
    assert not second.is_usable_at(clinic.site)
    assert not ProtocolVersion.objects.usable_at(clinic.site).filter(protocol=protocol).exists()
    with refused(Refused, "permission.missing"):
        protocols.draft_version(protocol=protocol, content=DEPRESSION, by=clinic.nurse, now=NOON)


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        ({"duration_minutes": 39}, "order.duration", "duration_minutes"),
        ({"duration_minutes": 61}, "order.duration", "duration_minutes"),
        ({"max_dose_micrograms_per_kg": 499}, "protocol.max_dose", "max_dose_micrograms_per_kg"),
        (
            {"checklist": [{"code": "horoscope", "requirement": "required"}]},
            "protocol.checklist",
            "checklist",
        ),
        ({"max_gap_days": 2}, "protocol.max_gap", "max_gap_days"),
        ({"min_gap_days": 5, "max_gap_days": 4}, "protocol.max_gap", "max_gap_days"),
        ({"reevaluate_after_infusions": 0}, "protocol.above_zero", "reevaluate_after_infusions"),
        ({"limits": [{}]}, "protocol.limits", "limits"),
        ({"discharge_criteria": ["sings"]}, "protocol.discharge_criteria", "discharge_criteria"),
        ({"drug": ""}, "field.blank", "drug"),
        ({"drug": "\x00"}, "text.unreadable", "drug"),
        ({"cap_micrograms": None}, "field.null", "cap_micrograms"),
        ({"cap_micrograms": "much"}, "field.invalid", "cap_micrograms"),
        ({"planned_infusions": -1}, "field.min_value", "planned_infusions"),
        ({"max_gap_days": 2}, "protocol.max_gap", "max_gap_days"),
        ({"reevaluate_after_infusions": 0}, "protocol.above_zero", "reevaluate_after_infusions"),
        # A nought here would be divided by, or repeat a reading for ever.
        ({"dose_micrograms_per_kg": 0}, "protocol.above_zero", "dose_micrograms_per_kg"),
        ({"cap_micrograms": 0}, "protocol.above_zero", "cap_micrograms"),
        ({"concentration_micrograms_per_ml": 0}, "protocol.above_zero", "concentration_micrograms_per_ml"),
        ({"bag_volume_microlitres": 0}, "protocol.above_zero", "bag_volume_microlitres"),
        ({"planned_infusions": 0}, "protocol.above_zero", "planned_infusions"),
        ({"vitals_interval_minutes": 0}, "protocol.above_zero", "vitals_interval_minutes"),
        ({"recovery_vitals_interval_minutes": 0}, "protocol.above_zero", "recovery_vitals_interval_minutes"),
    ],
    ids=str,
)
def test_content_that_could_not_be_used_is_refused_at_its_field(clinic, protocol, content, code, field):
    with refused(Invalid, code) as refusal:
        draft(protocol, clinic, **content)
    assert field in refusal.value.fields
    version = draft(protocol, clinic)
    with refused(Invalid, code):
        protocols.edit_version(
            version=version, content=content, by=clinic.prescriber, expected_revision=version.revision
        )


def test_edit_a_draft(clinic, protocol):
    version = draft(protocol, clinic)
    edit = {"version": version, "by": clinic.prescriber, "now": NOON}
    content = {"cap_micrograms": 80_000, "state": "approved", "number": 9}
    protocols.edit_version(content=content, expected_revision=version.revision, **edit)
    stored = fresh(version)
    # Only what a version says can be edited.
    assert (stored.cap_micrograms, stored.state, stored.number) == (80_000, "draft", 1)
    assert stored.revision == version.revision + 1
    with refused(Stale, "revision.stale"):
        protocols.edit_version(content={"drug": "x"}, expected_revision=version.revision, **edit)
    with refused(Refused, "permission.missing"):
        protocols.edit_version(content={}, expected_revision=stored.revision, **edit | {"by": clinic.nurse})


def test_approve_needs_the_right_that_is_given_to_persons(clinic, protocol):
    version = draft(protocol, clinic)
    for by in (clinic.prescriber, clinic.nurse, clinic.desk):
        with refused(Refused, "permission.missing"):
            protocols.approve_version(version=version, by=by, now=NOON)
    job = Actor.job("nightly", site_ids=clinic.director.site_ids, permissions=["approve_protocol"])
    with refused(Refused, "actor.person"):
        protocols.approve_version(version=version, by=job, now=NOON)
    assert fresh(version).state == "draft"


def test_approve_puts_a_version_in_force_and_freezes_it(clinic, protocol):
    version = draft(protocol, clinic)
    protocols.approve_version(version=version, by=clinic.director, now=NOON)
    stored = fresh(version)
    assert (stored.state, stored.approved_by, stored.approved_at) == (
        "approved",
        clinic.director.user,
        NOON,
    )
    assert stored.is_usable_at(clinic.site)
    assert AuditEvent.objects.latest("pk").verb == "protocol.approved"
    with refused(Conflict, "protocol.not_draft"):
        protocols.approve_version(version=version, by=clinic.director, now=NOON)
    with refused(Conflict, "protocol.frozen"):
        protocols.edit_version(
            version=version, content={"drug": "x"}, by=clinic.prescriber, expected_revision=stored.revision
        )


def test_approve_what_was_read(clinic, protocol):
    version = draft(protocol, clinic)
    read = version.revision
    protocols.edit_version(
        version=version, content={"drug": "esketamine"}, by=clinic.prescriber, expected_revision=read
    )
    with refused(Stale, "revision.stale"):
        protocols.approve_version(version=version, by=clinic.director, now=NOON, expected_revision=read)
    told = {"by": clinic.director, "now": NOON, "expected_revision": fresh(version).revision}
    assert protocols.approve_version(version=version, **told).state == "approved"


def test_ids_that_are_brought_along_are_kept(clinic):
    key, other = uuid.uuid4(), uuid.uuid4()
    told = {"by": clinic.prescriber, "now": NOON}
    protocol = protocols.create_protocol(code="pain", name="Pain", indication="Pain", public_id=key, **told)
    version = protocols.draft_version(protocol=protocol, content=DEPRESSION, public_id=other, **told)
    assert (protocol.public_id, fresh(version).public_id) == (key, other)


def test_approve_retires_the_version_before_it(clinic, protocol):
    first, second = draft(protocol, clinic), draft(protocol, clinic)
    protocols.approve_version(version=first, by=clinic.director, now=NOON)
    later = NOON + timedelta(days=1)
    protocols.approve_version(version=second, by=clinic.director, now=later)
    assert (fresh(first).state, fresh(second).state) == ("retired", "approved")
    assert fresh(first).approved_by == clinic.director.user
    usable = ProtocolVersion.objects.usable_at(clinic.site).filter(protocol=protocol)
    assert list(usable) == [second]
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs[-2:] == ["protocol.retired", "protocol.approved"]
    assert fresh(first).history.latest().history_date == later


def test_an_example_is_usable_where_the_site_is_a_demo(clinic, protocol):
    for is_example in (True, False):
        version = draft(protocol, clinic, is_example=is_example)
        protocols.approve_version(version=version, by=clinic.director, now=NOON)
        for is_demo in (True, False):
            clinic.site.is_demo = is_demo
            listed = ProtocolVersion.objects.usable_at(clinic.site).filter(pk=version.pk).exists()
            assert listed == fresh(version).is_usable_at(clinic.site) == (is_demo or not is_example)
