"""A token from the command line: its text is the one line it prints."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from clinic.accounts.models import ApiToken
from clinic.accounts.tokens import find_valid
from clinic.common import clock
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(db):
    return staff("nurse", make_site(), "mira")


def create(*options, username="mira"):
    out = io.StringIO()
    call_command("create_token", username, "Laboratory", *options, stdout=out)
    return out.getvalue()


def test_it_prints_the_text_and_nothing_else(nurse):
    line = create("--scope", "view_patients", "--scope", "book", "--days", "7")
    token = find_valid(line.strip(), now=clock.now())
    assert (token.user, token.name, token.scopes) == (nurse.user, "Laboratory", ["book", "view_patients"])
    assert (token.expires_at - token.created_at).days == 7
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--scope", "book", "--days", "0"], "1 to 366 days"),
        (["--scope", "book", "--days", "999999999"], "1 to 366 days"),
        (["--scope", "fly"], "invalid choice"),
        ([], "--scope"),
    ],
)
def test_what_does_not_fit_is_a_sentence(nurse, options, sentence):
    with pytest.raises(CommandError, match=sentence), transaction.atomic():
        create(*options)
    assert ApiToken.objects.count() == 0


def test_nobody_of_that_name(nurse):
    with pytest.raises(CommandError, match="no open account called nobody"):
        create("--scope", "book", username="nobody")
