"""A person's calendar for other programs (RFC 5545), at an address that is its own key.

Instants are written in UTC, so that no program can be an hour off on the two nights of the year; a program shows them
on its own clocks.
"""

from collections.abc import Iterable

import icalendar
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from clinic.accounts.actor import Actor
from clinic.common import clock
from sessions.operations.calendar_feeds import note_read
from sessions.reports.calendar import Event, calendar_of, find_feed, mark_of

PRODUCT = "-//Clinic sessions//Calendar//EN"
DOMAIN = "clinic-sessions"
"""Behind every UID; never to be changed, or each entry would stand twice in every calendar."""
ASK_AGAIN = "PT15M"


@require_safe
def calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar behind a secret. Unknown, revoked, or of somebody who may not enter: there is no such page."""
    feed, now = find_feed(secret), clock.now()
    if feed is None:
        raise Http404
    actor = Actor.of_user(feed.user)
    note_read(feed=feed, by=actor, now=now)
    # Read before the rows: what changes between the two is then fetched once too often, never missed.
    tag = f'"{mark_of(feed, actor=actor, now=now)}"'
    response = get_conditional_response(request, etag=tag)
    if response is None:
        events = calendar_of(feed, actor=actor, now=now)
        body = as_icalendar(events, pages=request.build_absolute_uri("/").rstrip("/"))
        response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="clinic.ics"'
    response["ETag"] = tag
    # A program may keep it to ask whether it has changed, and nobody on the way may.
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response


def as_icalendar(events: Iterable[Event], *, pages: str = "") -> bytes:
    """The events as one calendar object.

    Args:
        pages: address before the path of a session's page; "" leaves the pages out.
    """
    found = icalendar.Calendar()
    found.add("prodid", PRODUCT)
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("x-wr-calname", "Clinic")
    found.add("x-published-ttl", ASK_AGAIN)
    for event in events:
        found.add_component(_entry(event, pages))
    return found.to_ical()


def _entry(event: Event, pages: str) -> icalendar.Event:
    entry = icalendar.Event()
    entry.add("uid", f"{event.uid}@{DOMAIN}")
    entry.add("sequence", event.sequence)
    # Without a METHOD this is when the entry was last revised, so an unchanged calendar is the same to the byte.
    entry.add("dtstamp", event.changed_at)
    entry.add("last-modified", event.changed_at)
    entry.add("dtstart", event.starts_at)
    entry.add("dtend", event.ends_at)
    entry.add("summary", event.summary)
    entry.add("location", event.location)
    entry.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    entry.add("class", "PRIVATE")
    if pages and event.session_id:
        entry.add("url", pages + reverse("sessions:session", args=[event.session_id]))
    return entry
