"""Who keeps a site's quick phrases, and what one needs."""

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.facilities.models import Site
from sessions.models import QuickPhrase

KEEPERS = (Permission.RECORD_OBSERVATIONS, Permission.PLAN_ROSTER)
"""Either of these: who writes notes at the site, or who manages it."""


def may_keep_phrases(*, site: Site, by: Actor) -> bool:
    return any(by.can(right, site.pk) for right in KEEPERS)


def check_can_keep_phrases(*, site: Site, by: Actor) -> None:
    """Raises Refused unless the person writes notes at the site or manages it."""
    if not may_keep_phrases(site=site, by=by):
        by.require(KEEPERS[0], site.pk)


def check_phrase(phrase: QuickPhrase) -> None:
    """Raises Invalid ``quick_phrase.empty``, or Conflict ``quick_phrase.taken``."""
    if not phrase.text:
        raise Invalid({"text": Problem("quick_phrase.empty", _("Write the words of the phrase."))})
    others = QuickPhrase.objects.in_use().filter(site_id=phrase.site_id, text=phrase.text)
    if phrase.is_in_use and others.exclude(pk=phrase.pk).exists():
        raise Conflict(Problem("quick_phrase.taken", _("This site has this phrase already.")))
