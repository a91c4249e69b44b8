"""``manage.py create_token USER NAME --scope …``: a token for another system, printed once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.operations.tokens import issue_token
from clinic.accounts.permissions import Permission
from clinic.common.errors import ClinicError


class Command(BaseCommand):
    help = "Issues an API token that acts as one person, and prints its text. It is stored nowhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="as whom the token acts")
        parser.add_argument("name", help="what it is for, as the list of tokens shows it")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            choices=Permission.values,
            metavar="RIGHT",
            help=f"what it may do, of what its owner may do; can be repeated: {', '.join(Permission.values)}",
        )
        parser.add_argument(
            "--days", type=int, default=90, help="how long it lives, 1 to 366; 90 when left out"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no open account called {options['username']}.")
        try:
            _token, text = issue_token(
                user=user,
                name=options["name"],
                scopes=options["scope"],
                life=timedelta(days=min(options["days"], 10_000)),
                by=Actor.of_user(user),
            )
        except ClinicError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(text)
