"""What is said when a visit was called off: that its time is free, and how many people wait for it."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from sessions.models import InfusionSession
from sessions.reports.freed_times import free_times, opened_by


def called_off_words(request: StaffRequest, session: InfusionSession) -> str | SafeString:
    """With a link to the free time where it suits anybody on the waiting list."""
    said = _("Stored. Chair and time are free again.")
    if not request.actor.can(Permission.BOOK, session.site_id):
        return said
    free = opened_by(session, free_times(session.site, actor=request.actor, now=clock.now()))
    count = len(free.matches) if free else 0
    if free is None or not count:
        return said
    url = f"{reverse('sessions:waiting-at', args=[session.site.public_id])}#free-{free.key}"
    waiting = ngettext("%(n)d person is waiting for it.", "%(n)d people are waiting for it.", count) % {
        "n": count
    }
    return format_html('{} <a href="{}">{}</a>', said, url, waiting)
