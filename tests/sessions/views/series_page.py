"""The page on which a series is planned, as a browser without JavaScript fills it in."""

import re
from datetime import datetime, time

from clinic.common import clock
from clinic.facilities.models import OpeningHours
from tests.sessions.scenes import make_clinic, make_course

ZONE = "America/New_York"


def open_clinic():
    """A clinic that is open from Monday to Friday."""
    made = make_clinic()
    hours = (OpeningHours(site=made.site, weekday=n, opens_at=time(8), closes_at=time(18)) for n in range(5))
    OpeningHours.objects.bulk_create(hours)
    return made


def local(text):
    return clock.from_local(datetime.fromisoformat(text), ZONE)


def plan_of(course):
    return f"/courses/{course.public_id}/plan/"


def fields_of(response):
    """The form of the series as a browser would send it."""
    body = response.content.decode()
    found = {
        name: re.search(rf'name="{name}" value="([^"]*)"', body)[1]
        for name in re.findall(r'name="(row-\d+-(?:day|starts_at))"', body)
    }
    for name in re.findall(r'name="(row-\d+-(?:session|revision))"', body):
        value = re.search(rf'name="{name}" value="([^"]*)"', body)
        found[name] = value[1] if value else ""
    for name, options in re.findall(r'<select name="(row-\d+-chair)".*?>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'value="([^"]*)"\s+selected', options)
        found[name] = (chosen or re.search(r'value="([^"]*)"', options))[1]
    return found


def times_in(fields):
    rows = sorted({int(name.split("-")[1]) for name in fields if name.startswith("row-")})
    return [f"{fields[f'row-{n}-day']} {fields[f'row-{n}-starts_at']}" for n in rows]


def wish(course, **more):
    return {"revision": course.revision, "chair": "", **more}


TWICE_A_WEEK = [
    "2026-03-12 09:00",
    "2026-03-16 09:00",
    "2026-03-19 09:00",
    "2026-03-23 09:00",
    "2026-03-26 09:00",
    "2026-03-30 09:00",
]
MONDAYS_AND_THURSDAYS = {"weekdays": ["0", "3"], "starts_from": "09:00", "starts_until": "11:00"}


def wished(clinic, pages, **more):
    course = make_course(clinic)
    answer = pages.post(
        f"{plan_of(course)}wishes/", wish(course, **MONDAYS_AND_THURSDAYS, **more), patient=course.patient
    )
    assert answer["Location"] == plan_of(course)
    course.refresh_from_db()
    return course
