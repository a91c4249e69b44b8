"""The taps of a nurse through the check of a known patient, each counted."""

from typing import Any


class Taps:
    """One nurse's page; a tap is a button pressed or a field filled."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.count = 0

    def press(self, item: str, name: str) -> None:
        """A button of one item, and wait until the item is settled."""
        self._send(self.page.locator(f"#check-{item}").get_by_role("button", name=name).first)
        self.page.locator(f"#check-{item}.check__item--ok").wait_for()

    def fill(self, item: str, label: str, value: str) -> None:
        self.page.locator(f"#check-{item}").get_by_label(label, exact=True).fill(value)
        self.count += 1

    def reading(self, **values: str) -> None:
        """A reading, number by number."""
        form = self.page.locator(".reading-form")
        for name, value in values.items():
            form.locator(f"[name={name}]").fill(value)
            self.count += 1
        self._send(form.get_by_role("button", name="Record reading"))

    def _send(self, button: Any) -> None:
        self.page.evaluate("document.getElementById('main').dataset.old = 'yes'")
        button.click()
        self.count += 1
        self.page.locator("#main:not([data-old])").wait_for()


def answer_what_people_say(taps: Taps, *, solids: str, liquids: str, escort: str = "") -> None:
    """Every item of the example protocol that a person answers, of a man or a woman with a test on the record."""
    taps.press("identity", "Full name + date of birth")
    taps.fill("fasting", "Last solid food", solids)
    taps.fill("fasting", "Last clear liquids", liquids)
    taps.press("fasting", "Record times")
    if escort:
        taps.press("escort", escort)
    else:
        taps.fill("escort", "Name", "Eva Ruiz")
        taps.press("escort", "Takes the patient home")
    taps.press("allergies", "Read out: nothing changed")
    taps.press("medicines", "Read out: nothing changed")
    taps.press("substances", "Asked: none")
    taps.press("illness", "Asked: none")
    taps.press("mood", "Asked: no thoughts of suicide")
