"""A real clinic begins on the command line: one site, one administrator."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.audit.verify import verify_all
from clinic.common.errors import Refused
from clinic.facilities.models import Site
from clinic.facilities.operations.sites import open_site
from tests.refusals import refused
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet morning in june"


@pytest.fixture
def typed(monkeypatch):
    """What is piped into the command."""

    def pipe(text):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    pipe(f"{PASSWORD}\n")
    return pipe


def run(code="lakeside", zone="America/Chicago", administrator="aiko", **options):
    out = io.StringIO()
    options = {"display_name": "Aiko Lindqvist", **options}
    call_command(
        "open_site",
        code,
        "Lakeside clinic",
        time_zone=zone,
        administrator=administrator,
        stdout=out,
        **options,
    )
    return out.getvalue()


def test_the_first_administrator_signs_in_and_makes_the_rest(typed):
    assert run() == "Lakeside clinic is open; aiko manages it.\n"
    site, user = Site.objects.get(code="lakeside"), User.objects.get(username="aiko")
    assert (site.is_demo, user.is_demo, user.is_superuser) == (False, False, False)
    assert Actor.of_user(user).can(Permission.MANAGE_STAFF, site.pk)
    assert Client().login(username="aiko", password=PASSWORD)
    assert verify_all().broken == ""


def test_a_second_site_can_have_the_same_administrator(typed):
    run()
    typed("")
    run("harbour", "Europe/Lisbon")
    assert User.objects.count() == 1
    assert len(Actor.of_user(User.objects.get()).sites_with(Permission.MANAGE_STAFF)) == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"zone": "Mars/Olympus"}, "is not a time zone"),
        ({"code": "north"}, "There is a site with the code north already"),
        ({"code": "two words"}, "Nothing was made"),
        ({"administrator": "two words"}, "Nothing was made"),
    ],
)
def test_what_does_not_fit_makes_nothing(typed, options, sentence):
    make_site()
    with pytest.raises(CommandError, match=sentence):
        run(**options)
    assert (Site.objects.count(), User.objects.count()) == (1, 0)


def test_a_weak_password_makes_nothing(typed):
    typed("short\n")
    with pytest.raises(CommandError, match="too short"):
        run()
    assert (Site.objects.count(), User.objects.count()) == (0, 0)


def test_nobody_opens_a_site_on_a_page():
    admin = staff("administrator", make_site())
    with refused(Refused, "site.by_job"):
        open_site(code="lakeside", name="Lakeside", time_zone="UTC", by=admin)
