"""``manage.py open_site CODE NAME …``: a site and the first person who manages it."""

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.accounts.models import Role, User
from clinic.accounts.operations.roles import give_role
from clinic.accounts.operations.staff import add_member
from clinic.accounts.permissions import Permission
from clinic.common.errors import ClinicError
from clinic.facilities.models import Site
from clinic.facilities.operations.sites import open_site

JOB = "open_site"


class Command(BaseCommand):
    help = "Opens a site and makes its first administrator, who does everything else on the pages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="short name for addresses and other systems, such as lakeside")
        parser.add_argument("name", help="as people call it, such as 'Lakeside clinic'")
        parser.add_argument("--time-zone", required=True, help="such as Europe/Lisbon")
        parser.add_argument(
            "--administrator", required=True, metavar="USERNAME", help="made unless it exists"
        )
        parser.add_argument(
            "--display-name", default="", help="the administrator's name; asked for a new account"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username__iexact=options["administrator"]).first()
        password = "" if user else _password()
        try:
            with transaction.atomic():
                site = self._open(user, password, options)
        except ClinicError as error:
            raise CommandError(f"Nothing was made. {error}") from None
        self.stdout.write(f"{site.name} is open; {options['administrator']} manages it.")

    def _open(self, user: User | None, password: str, options: dict[str, Any]) -> Site:
        nobody_yet = Actor.job(JOB, site_ids=[], permissions=[])
        site = open_site(
            code=options["code"], name=options["name"], time_zone=options["time_zone"], by=nobody_yet
        )
        by = Actor.job(JOB, site_ids=[site.pk], permissions=[Permission.MANAGE_STAFF])
        role = Role.objects.get(code="administrator")
        if user:
            give_role(user=user, site=site, role=role, by=by)
        else:
            add_member(
                username=options["administrator"],
                display_name=options["display_name"] or options["administrator"],
                password=password,
                role=role,
                site=site,
                by=by,
            )
        return site


def _password() -> str:
    """Typed unseen, or the first line that is piped in: never an argument, which everybody on the machine can read."""
    if sys.stdin.isatty():
        return getpass("Password of the new account, at least 12 characters: ")
    return sys.stdin.readline().rstrip("\n")
