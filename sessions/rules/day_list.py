"""What is looked at when a site's day is opened and closed. Pure.

The emergency equipment is what clinics publish as theirs (grade B and C): airway kit, oxygen, suction, a
defibrillator, a call bell, controlled pumps. A site that does not keep one says so.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from sessions.models import DayListAnswer

OPENING, CLOSING = DayListAnswer.Moment.OPENING, DayListAnswer.Moment.CLOSING


@dataclass(frozen=True, slots=True)
class DayItem:
    """One item of a list. An automatic one is answered by the record itself."""

    code: str
    label: Any
    moment: str
    is_automatic: bool = False


DAY_ITEMS = (
    DayItem("prescriber", _("Responsible prescriber named"), OPENING, is_automatic=True),
    DayItem("emergency-number", _("Emergency number and address entered"), OPENING, is_automatic=True),
    DayItem("alert-channels", _("Alert channels tested"), OPENING, is_automatic=True),
    DayItem("oxygen", _("Oxygen: cylinder full, mask and tubing there"), OPENING),
    DayItem("airway", _("Airway kit and bag-mask complete"), OPENING),
    DayItem("suction", _("Suction works"), OPENING),
    DayItem("defibrillator", _("Defibrillator ready"), OPENING),
    DayItem("emergency-drugs", _("Emergency drugs there and in date"), OPENING),
    DayItem("monitors", _("Monitors and pumps on, alarms audible"), OPENING),
    DayItem("call-bell", _("Call bell at every chair works"), OPENING),
    DayItem("nobody-present", _("Nobody is left in a chair"), CLOSING, is_automatic=True),
    DayItem("unsent", _("Every tablet heard of: nothing unsent"), CLOSING, is_automatic=True),
    DayItem("waste", _("All waste witnessed"), CLOSING, is_automatic=True),
    DayItem("alerts", _("Alerts acknowledged"), CLOSING, is_automatic=True),
    DayItem("charts", _("Charts signed"), CLOSING, is_automatic=True),
    DayItem("follow-ups", _("Today's follow-ups done or handed over"), CLOSING),
    DayItem("drugs-locked", _("Controlled drugs locked away"), CLOSING),
    DayItem("oxygen-off", _("Oxygen closed, pumps and monitors off"), CLOSING),
)
BY_CODE = {item.code: item for item in DAY_ITEMS}
