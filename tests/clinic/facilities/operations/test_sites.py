"""A site's details and rules: edited by who manages it, within their ranges, under a revision."""

import pytest

from clinic.accounts.permissions import DEFAULT_ROLES
from clinic.audit.models import AuditEvent
from clinic.common.errors import Invalid, Refused, Stale
from clinic.facilities.models import Site
from clinic.facilities.operations.sites import edit_site
from clinic.facilities.policy import SitePolicy
from clinic.facilities.rules import sites as rules
from tests.refusals import refused
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def admin(site):
    return staff("administrator", site)


def edit(site, by, revision=1, **changes):
    return edit_site(site=site, changes=changes, by=by, expected_revision=revision, reason="As agreed")


def test_details_and_rules_are_edited_and_told(site, admin):
    edited = edit(
        site,
        admin,
        name=" Lakeside clinic ",
        phone="555 0100",
        time_zone="Europe/Lisbon",
        policy={"no_show_grace_minutes": 30},
    )
    stored = Site.objects.get(pk=site.pk)
    assert (stored.name, stored.phone, stored.zone.key) == ("Lakeside clinic", "555 0100", "Europe/Lisbon")
    assert stored.rules == SitePolicy(no_show_grace_minutes=30)
    assert edited.revision == stored.revision == 2
    event = AuditEvent.objects.get(verb="site.edited")
    assert event.reason == "As agreed"
    assert event.changed()["time_zone"] == ("America/New_York", "Europe/Lisbon")
    assert event.changed()["policy"] == ({}, {"no_show_grace_minutes": 30})


def test_what_is_not_named_stays(site, admin):
    edit(site, admin, policy={"late_entry_hours": 48})
    edit(site, admin, revision=2, policy={"weight_valid_days": 14})
    stored = Site.objects.get(pk=site.pk)
    assert stored.rules == SitePolicy(late_entry_hours=48, weight_valid_days=14)
    assert (stored.name, stored.time_zone) == (site.name, site.time_zone)


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "europe/lisbon", "EST5", "localtime", "Factory", "../etc/passwd", "", " ", "é"]
)
def test_an_unknown_time_zone_is_refused_with_a_sentence(site, admin, name):
    with refused(Invalid) as caught:
        edit(site, admin, time_zone=name)
    assert list(caught.value.fields) == ["time_zone"]
    if name.strip():
        assert "is not a time zone. Use a name such as Europe/Lisbon" in str(caught.value)
    assert Site.objects.get(pk=site.pk).time_zone == "America/New_York"


RANGES = {
    "no_show_grace_minutes": (0, 240),
    "weight_valid_days": (1, 90),
    "late_entry_hours": (1, 168),
    "patients_per_nurse": (0, 12),
    "late_cancel_hours": (0, 336),
    "suicide_review_minutes": (5, 1440),
    "suicide_escalation_minutes": (0, 720),
    "recent_worsening_days": (0, 90),
    "idle_minutes": (5, 480),
    "pin_idle_minutes": (2, 60),
    "serious_review_hours": (0, 720),
    "serious_report_hours": (0, 720),
    "effect_follow_up_hours": (0, 168),
    "alert_live_minutes": (1, 120),
    "alert_escalation_minutes": (0, 60),
    "late_entry_mark_minutes": (0, 240),
    "reading_grace_minutes": (0, 60),
    "cosign_hours": (1, 168),
}


def test_every_number_of_the_rules_has_its_range_here():
    assert RANGES.keys() == rules.RANGES.keys()


@pytest.mark.parametrize(("name", "bounds"), RANGES.items())
def test_the_rules_have_ranges(site, admin, name, bounds):
    lowest, highest = bounds
    for revision, value in enumerate((lowest, highest), start=1):
        assert getattr(edit(site, admin, revision, policy={name: value}).rules, name) == value
    for value in (lowest - 1, highest + 1, True, None, "5", 1.5, [5]):
        with refused(Invalid, "policy.range") as caught:
            edit(site, admin, 3, policy={name: value})
        assert list(caught.value.fields) == [f"policy.{name}"]
        assert f"from {lowest} to {highest}" in str(caught.value)


@pytest.mark.parametrize("value", [0, 1, None, "yes", []])
def test_yes_or_no_is_asked_for(site, admin, value):
    with refused(Invalid, "policy.yes_or_no"):
        edit(site, admin, policy={"chart_needs_two_signatures": value})


def test_one_signature_can_be_enough(site, admin):
    assert edit(site, admin, policy={"chart_needs_two_signatures": False}).rules == SitePolicy(
        chart_needs_two_signatures=False
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"policy": {"free_beer": True}}, "policy.unknown"),
        ({"is_demo": False}, "site.not_editable"),
        ({"code": "other"}, "site.not_editable"),
        ({"name": ""}, "field.blank"),
        ({"name": "n" * 121}, "field.max_length"),
        ({"phone": "\x00"}, "text.unreadable"),
    ],
)
def test_what_does_not_fit_is_refused(site, admin, changes, code):
    with refused(Invalid, code):
        edit(site, admin, **changes)
    assert Site.objects.get(pk=site.pk).revision == 1


def test_an_edit_based_on_an_older_version_is_refused_with_the_newer(site, admin):
    edit(site, admin, phone="555 0100")
    with refused(Stale, "revision.stale") as caught:
        edit(site, admin, phone="555 0199")
    assert caught.value.current["phone"] == "555 0100"


@pytest.mark.parametrize("role", [role for role in DEFAULT_ROLES if role != "administrator"])
def test_only_who_manages_the_site_edits_it(site, role):
    with refused(Refused, "permission.missing"):
        edit(site, staff(role, site), phone="1")
    with refused(Refused, "permission.missing"):
        edit(site, staff("administrator", make_site("south")), phone="1")
