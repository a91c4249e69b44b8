"""The whole story in a browser: from another system's file to a signed chart and the manager's overview.

The site's clock is chosen so that it is about noon there: a visit of some hours then never crosses midnight. What
takes an hour in a clinic is entered afterwards with its true time, as a nurse may.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from clinic.accounts.models import PermissionGrant
from clinic.accounts.permissions import Permission
from clinic.common import clock
from patients.models import Patient
from sessions.models import InfusionSession
from sessions.states import Status
from tests.browser.check_taps import Taps, answer_what_people_say
from tests.sessions.scenes import _document, make_clinic

pytestmark = pytest.mark.django_db(transaction=True)

FILE = """Id,BIRTHDATE,DEATHDATE,SSN,FIRST,LAST,GENDER,CITY
a1,1984-03-12,,999-11-2222,Ana,García,F,Springfield
a2,2014-07-01,,999-11-3333,Theo,Young,M,Springfield
a3,1950-01-30,2020-05-05,999-11-4444,Rose,Gone,F,Springfield
a4,not a date,,999-11-5555,Max,Muster,M,Springfield
"""


def noon_zone() -> str:
    """A zone in which it is between noon and one o'clock now."""
    west = datetime.now(UTC).hour - 12
    return f"Etc/GMT{west:+d}" if west else "UTC"


class Story:
    """One person's browser, and the few gestures that the story repeats."""

    def __init__(self, page: Any, axe: Any) -> None:
        self.page, self.axe = page, axe

    def open(self, name: str, *args: Any) -> None:
        self.page.goto(reverse(name, args=args))
        self.axe(self.page)

    def press(self, name: str) -> None:
        self.send(self.page.get_by_role("button", name=name, exact=True).first)

    def send(self, button: Any) -> None:
        """Press, and wait until the page or its main part is another one."""
        self.page.evaluate("document.getElementById('main').dataset.old = 'yes'")
        button.click()
        self.page.locator("#main:not([data-old])").wait_for()

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()


@pytest.fixture
def clinic() -> Any:
    now = clock.now()
    made = make_clinic(zone=noon_zone(), now=now - timedelta(hours=6))
    _document(made, now - timedelta(hours=6))
    return made


@pytest.fixture
def browser_of(new_context: Any, sign_in: Any, axe: Any) -> Any:
    def enter(actor: Any) -> Story:
        context = new_context(viewport={"width": 820, "height": 1180})
        sign_in(context, actor.user)
        return Story(context.new_page(), axe)

    return enter


def test_one_infusion_from_the_file_to_the_signed_chart(clinic: Any, browser_of: Any, tmp_path: Any) -> None:
    file = tmp_path / "export.csv"
    file.write_text(FILE, encoding="utf-8")
    desk, nurse = browser_of(clinic.desk), browser_of(clinic.nurse)
    prescriber = browser_of(clinic.prescriber)

    import_file(desk, file)
    patient = Patient.objects.get(family_name="García")
    assert Patient.objects.count() == 3
    complete_record(desk, patient)
    course = order(prescriber, patient)
    book(desk, course, clinic)
    session = InfusionSession.objects.get(patient=patient)

    run_the_visit(desk, nurse, session, clinic)
    sign(nurse, prescriber, session)
    read_the_course(prescriber, course)

    membership = clinic.prescriber.user.memberships.get()
    PermissionGrant.objects.get_or_create(membership=membership, permission=Permission.VIEW_REPORTS)
    read_the_overview(prescriber)


def import_file(desk: Story, file: Any) -> None:
    desk.open("patients:import-upload")
    desk.page.set_input_files("input[type=file]", str(file))
    desk.press("Upload and read")
    desk.page.get_by_label("Name of the other system").fill("Export")
    desk.axe(desk.page)
    assert desk.page.get_by_label("SSN").input_value() == ""
    desk.press("Show the preview")
    desk.axe(desk.page)
    desk.sees("Refused")
    desk.press("Import 3 people")
    desk.sees("Registered")
    desk.axe(desk.page)


def complete_record(desk: Story, patient: Patient) -> None:
    one = patient.public_id
    desk.open("patients:detail", one)
    desk.press("Record: no known allergies")
    desk.open("patients:record-consent", one)
    form = desk.page.locator("main form")
    for group in form.locator("[role=radiogroup], .choice").all():
        group.locator("input").first.check(force=True)
    desk.press("Record the consent")
    desk.sees("García, Ana")


def order(prescriber: Story, patient: Patient) -> Any:
    prescriber.open("sessions:order", patient.public_id)
    if prescriber.page.get_by_label("Diagnosis, ICD-10-CM").count() == 0:
        prescriber.page.get_by_role("link", name=re.compile("^Choose")).first.click()
    prescriber.page.get_by_label("Diagnosis, ICD-10-CM").fill("F33.2")
    prescriber.press("Order course")
    prescriber.page.wait_for_url(re.compile("/courses/"))
    prescriber.axe(prescriber.page)
    from sessions.models import Course

    return Course.objects.get(patient=patient)


def book(desk: Story, course: Any, clinic: Any) -> None:
    local = clock.now().astimezone(clinic.site.zone)
    desk.open("sessions:book", course.public_id)
    desk.page.locator("#book [name=chair]").first.check(force=True)
    assert desk.page.locator("#book [name=day]").input_value() == local.date().isoformat()
    desk.page.locator("#book [name=starts_at]").fill(f"{local + timedelta(minutes=5):%H:%M}")
    desk.press("Book session")
    assert InfusionSession.objects.filter(course=course).count() == 1


def run_the_visit(desk: Story, nurse: Story, session: InfusionSession, clinic: Any) -> None:
    one, zone = session.public_id, clinic.site.zone
    begun = clock.now().astimezone(zone) - timedelta(minutes=170)

    def at(minutes: int) -> str:
        return f"{begun + timedelta(minutes=minutes):%H:%M}"

    def step(who: Story, action: str, label: str, minutes: int, **fields: str) -> None:
        who.open("sessions:act", one, action)
        who.page.get_by_label("or at").fill(at(minutes))
        for name, value in fields.items():
            who.page.locator(f"main [name={name}]").fill(value)
        who.press(label)

    step(desk, "arrive", "Mark as arrived", 0)
    nurse.open("sessions:session", one)
    taps = Taps(nurse.page)
    answer_what_people_say(taps, solids="00:05", liquids="09:00")
    taps.press("pregnancy", "Negative today")
    taps.press("urinary", "Asked: none")
    nurse.page.locator("#weight_value").fill("7")
    nurse.press("Record weight")
    nurse.sees("cannot be right")
    nurse.page.locator("#weight_value").fill("70")
    nurse.press("Record weight")
    reading(nurse, at(5), "118", "76")
    nurse.page.locator("tbody >> text=118/76").first.wait_for()
    nurse.press("Confirm 35 mg")
    nurse.sees("confirmed")
    nurse.press("Clear for infusion")
    nurse.page.locator(".pill--ready").first.wait_for()
    step(nurse, "start", "Start infusion", 20)
    nurse.page.locator(".pill--infusing").first.wait_for()
    nurse.axe(nurse.page)

    reading(nurse, at(30), "76", "118")
    nurse.sees("must be below systolic")
    reading(nurse, at(30), "134", "82")
    nurse.page.locator("tbody >> text=134/82").wait_for()
    nurse.page.locator("#side-effect > summary").click()
    nurse.page.locator("#side-effect").get_by_text("Nausea", exact=True).click()
    nurse.page.locator("#side-effect").get_by_text("Mild").click()
    nurse.press("Record side effect")
    nurse.page.locator(".effect").first.wait_for()
    nurse.page.locator("#note > summary").click()
    nurse.page.locator("#note_text").fill("Music on, lights low")
    nurse.press("Write note")
    nurse.sees("Music on, lights low")
    step(nurse, "pause", "Record pause", 35, reason="Nausea")
    step(nurse, "resume", "Record resume", 40)
    nurse.open("sessions:act", one, "end")
    nurse.page.get_by_text("Completed", exact=True).click()
    nurse.page.get_by_label("or at").fill(at(75))
    nurse.press("Record end")
    nurse.page.locator(".pill--recovering").first.wait_for()

    totals = nurse.page.locator("#totals")
    totals.get_by_label("Pump's volume infused").fill("100")
    totals.get_by_text("Pump", exact=True).last.click()
    nurse.press("Record what was given")
    nurse.sees("What was given is recorded.")
    reading(nurse, at(120), "120", "78")
    nurse.page.locator("tbody >> text=120/78").wait_for()
    nurse.page.get_by_text("Score the five parts").click()
    for radio in nurse.page.locator(".criteria input[value=yes], .aldrete input[value='2']").all():
        radio.check()
    nurse.page.get_by_label("MOAA/S").last.fill("5")
    nurse.page.get_by_label("Dissociation").last.fill("0")
    nurse.page.get_by_label("Goes home with").fill("Brother")
    nurse.press("Record assessment")
    nurse.axe(nurse.page)
    nurse.press("Discharge")
    nurse.page.locator(".pill--discharged").first.wait_for()


def reading(nurse: Story, at: str, systolic: str, diastolic: str) -> None:
    form = nurse.page.locator(".reading-form")
    form.get_by_label("Systolic").fill(systolic)
    form.get_by_label("Diastolic").fill(diastolic)
    form.get_by_label("Heart rate").fill("70")
    form.get_by_label("SpO2").fill("98")
    form.get_by_label("or at").fill(at)
    nurse.send(form.get_by_role("button", name="Record reading"))


def sign(nurse: Story, prescriber: Story, session: InfusionSession) -> None:
    one = session.public_id
    nurse.open("sessions:session", one)
    nurse.press("Sign as author")
    nurse.sees("signed as author")
    prescriber.open("sessions:session", one)
    prescriber.press("Review and sign")
    prescriber.sees("reviewed as prescriber")
    nurse.open("sessions:session", one)
    nurse.page.locator("#addendum_text").fill("Phoned in the evening: well")
    nurse.press("Add to the chart")
    nurse.sees("Phoned in the evening: well")
    session.refresh_from_db()
    assert session.state is Status.DISCHARGED
    assert session.infused_seconds == 50 * 60
    assert session.signatures.count() == 2
    assert session.addenda.count() == 1


def read_the_course(reader: Story, course: Any) -> None:
    reader.open("sessions:course", course.public_id)
    reader.sees("Nausea")
    reader.sees("35 mg")


def read_the_overview(manager: Story) -> None:
    manager.open("sessions:overview")
    links = manager.page.locator("main a[href^='/sessions/?']")
    assert links.count() > 3
    links.first.click()
    manager.page.wait_for_load_state("networkidle")
    manager.axe(manager.page)
