"""What is pressed on a tablet can be hit: as high as a finger where it stands alone, apart where it stands close."""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from clinic.common import clock
from clinic.facilities.models import OpeningHours
from sessions.operations.asking import queue_check_ins
from tests.sessions.check_ins import DAY_ONE, infused, job, make_ready
from tests.sessions.scenes import NOON, make_clinic, make_course

pytestmark = pytest.mark.django_db(transaction=True)

TABLET = {"width": 820, "height": 1180}
HEIGHTS = "all => all.map(each => Math.round(each.getBoundingClientRect().height))"


def test_the_acts_of_a_planned_session(page, sign_in, axe):
    clinic = make_clinic(now=clock.now() - timedelta(days=3))
    hours = (
        OpeningHours(site=clinic.site, weekday=n, opens_at=time(8), closes_at=time(18)) for n in range(7)
    )
    OpeningHours.objects.bulk_create(hours)
    course = make_course(clinic, now=clock.now() - timedelta(days=1))
    sign_in(page.context, clinic.desk.user)
    page.set_viewport_size(TABLET)
    page.goto(reverse("sessions:plan", args=[course.public_id]))
    acts = page.locator(".plan-row__acts button")
    acts.first.wait_for()
    assert min(acts.evaluate_all(HEIGHTS)) >= 44
    axe(page)


@pytest.mark.parametrize("width", [820, 1440])
def test_the_patient_and_the_phone_of_a_check_in(page, sign_in, axe, settings, width):
    settings.SMS_BACKEND = "clinic.common.messaging.FileSms"
    settings.PUBLIC_URL = "https://clinic.example"
    clinic = make_clinic()
    make_ready(clinic.site)
    infused(clinic, DAY_ONE)
    queue_check_ins(site=clinic.site, by=job(clinic), now=NOON + timedelta(days=1))
    sign_in(page.context, clinic.nurse.user)
    page.set_viewport_size(TABLET | {"width": width})
    page.goto(reverse("sessions:check-ins") + "?show=all")
    links = page.locator(".check-ins .message-name a")
    assert links.count() == 2
    assert min(links.evaluate_all(HEIGHTS)) >= 24
    axe(page)
