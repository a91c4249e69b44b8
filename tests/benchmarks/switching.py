"""Two nurses at one tablet, each signing in over the other's page with a PIN."""

from collections.abc import Callable
from itertools import cycle

from sessions.models import InfusionSession
from tests.clinic.accounts.shared_device import PIN, browser_on, tablet, with_pin
from tests.scenes import staff

SWITCH_USERS = 3000
"""Milliseconds until the next person has the page, with the time for four digits."""


def switch_users(session: InfusionSession) -> Callable[[], int]:
    """The other nurse's PIN, and the session's page that then comes; the answer is its status."""
    site = session.site
    nurses = [with_pin(staff("nurse", site)) for _each in range(2)]
    client = browser_on(tablet(site, by=with_pin(staff("administrator", site)), used_by=nurses))
    turns, page = cycle(nurses), f"/sessions/{session.public_id}/"

    def switch() -> int:
        person = str(next(turns).user.public_id)
        answer = client.post("/switch/", {"person": person, "pin": PIN, "next": page}, follow=True)
        assert answer.redirect_chain == [(page, 302)], answer.redirect_chain
        return answer.status_code

    return switch
