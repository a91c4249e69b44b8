"""The demo's two sites, their chairs and staff, the example protocols and the consent text.

Places and accounts are set up directly, as an installation's first administrator has to be: before there is
anybody who could act. Everything after that goes through the operations.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from django.contrib.auth.hashers import make_password

from clinic.accounts.actor import Actor
from clinic.accounts.demo import PASSWORD, PIN
from clinic.accounts.models import Membership, PermissionGrant, PersonalPin, Role, User
from clinic.facilities.models import Chair, Site
from patients.models import ConsentDocument
from patients.operations.consenting import publish_consent_document
from sessions.demo.crew import Crew
from sessions.demo.episode import maintenance_protocol
from sessions.demo.house_rules import DOSE_RULES, POLICY, keep_house
from sessions.demo.people import STAFF
from sessions.demo.protocols import CHRONIC_PAIN, DEPRESSION
from sessions.demo.story import Clinic
from sessions.models import Protocol, ProtocolVersion
from sessions.operations.protocols import approve_version, create_protocol, draft_version

SITES = (
    ("lakeside", "Lakeside clinic", "America/Chicago", 8),
    ("harbour", "Harbour clinic", "Europe/Lisbon", 5),
)
NURSES = {"lakeside": ("nurse", "nurse2"), "harbour": ("nurse4", "nurse5")}
"""Who looks after the patients, and who checks and witnesses."""
SPACING = {"max_gap_days": 8, "reevaluate_after_infusions": 3}
"""A longest gap and a re-evaluation, so that the worklists have something to say: examples, not approved."""
CONSENT_TEXT = (
    "Example text, not approved. Ketamine is not approved for the treatment of depression; its use here is"
    " off-label. I have been told how the infusions are given, what is known of benefit and harm, that I may stop at"
    " any time, and that I must not drive until the next day."
)


def clinics(*, now: datetime, chance: random.Random) -> Iterator[Clinic]:
    """The demo's sites, founded on the first call."""
    for code, name, zone, chairs in SITES:
        site, _new = Site.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "time_zone": zone,
                "is_demo": True,
                "phone": "555 0100",
                "address": f"1 Example Road, {name.split()[0]}",
                "emergency_number": "555 0112",
                "crisis_line": "555 0188",
                "crisis_line_name": "Example crisis line",
                "policy": POLICY,
            },
        )
        for number in range(1, chairs + 1):
            Chair.objects.get_or_create(site=site, name=f"Chair {number}", defaults={"position": number})
    for member in STAFF:
        _join(
            member.username,
            name=member.name,
            credential=member.credential,
            role=member.role,
            rights=member.rights,
            now=now,
        )
    version, document = _example_protocol(now - timedelta(days=400))
    keep_house(
        list(Site.objects.filter(is_demo=True).order_by("pk")),
        author=_actor("prescriber"),
        director=_actor("director"),
        manager=_actor("manager"),
        at=now - timedelta(days=390),
    )
    for site in Site.objects.filter(is_demo=True).order_by("-name"):
        yield Clinic(
            site=site,
            chairs=list(site.chairs.select_related("site").order_by("position")),
            crew=Crew(
                desk=_actor("desk"),
                nurse=_actor(NURSES[site.code][0]),
                second=_actor(NURSES[site.code][1]),
                prescriber=_actor("prescriber"),
            ),
            version=version,
            document=document,
            chance=chance,
            now=now,
        )


def maintenance_version(clinic: Clinic) -> ProtocolVersion:
    """The approved example of maintenance."""
    author, director = _actor("prescriber"), _actor("director")
    return maintenance_protocol(author=author, director=director, at=clinic.now - timedelta(days=380))


def _join(
    username: str, *, name: str, credential: str, role: str, rights: tuple[str, ...], now: datetime
) -> None:
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User.objects.create(
            username=username,
            password=_hashed(PASSWORD),
            display_name=name,
            credential=credential,
            is_demo=True,
        )
    for site in Site.objects.filter(is_demo=True):
        membership, _new = Membership.objects.get_or_create(
            user=user, site=site, role=Role.objects.get(code=role)
        )
        for right in rights:
            PermissionGrant.objects.get_or_create(membership=membership, permission=right)
    PersonalPin.objects.get_or_create(user=user, defaults={"digest": _hashed(PIN), "set_at": now})


@cache
def _hashed(secret: str) -> str:
    """Everybody has the same password and the same PIN: each is hashed once, for that takes a fifth of a second."""
    return make_password(secret)


def _actor(username: str) -> Actor:
    return Actor.of_user(User.objects.get(username=username))


def _example_protocol(at: datetime) -> tuple[ProtocolVersion, ConsentDocument]:
    director, author = _actor("director"), _actor("prescriber")
    if not Protocol.objects.filter(code="ketamine-depression").exists():
        depression = create_protocol(
            code="ketamine-depression",
            name="IV ketamine, induction",
            indication="Treatment-resistant depression",
            by=author,
            now=at,
        )
        version = draft_version(
            protocol=depression, content=DEPRESSION | SPACING | DOSE_RULES, by=author, now=at
        )
        approve_version(version=version, by=director, now=at + timedelta(hours=3))
        pain = create_protocol(
            code="ketamine-pain",
            name="IV ketamine, pain series",
            indication="Chronic pain",
            by=author,
            now=at,
        )
        draft_version(protocol=pain, content=CHRONIC_PAIN, by=author, now=at)
        publish_consent_document(
            code="ketamine-course",
            version=1,
            title="Ketamine infusions, one course",
            body=CONSENT_TEXT,
            valid_days=365,
            by=director,
            now=at,
        )
    version = ProtocolVersion.objects.select_related("protocol").get(
        protocol__code="ketamine-depression", state=ProtocolVersion.State.APPROVED
    )
    return version, ConsentDocument.objects.get(code="ketamine-course", version=1)
