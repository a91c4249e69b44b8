from clinic.facilities.models.chair import Chair
from clinic.facilities.models.opening import Closure, OpeningHours, Weekday
from clinic.facilities.models.roster import Shift, ShiftBreak, StaffLeave
from clinic.facilities.models.site import Site, validate_time_zone

__all__ = [
    "Chair",
    "Closure",
    "OpeningHours",
    "Shift",
    "ShiftBreak",
    "Site",
    "StaffLeave",
    "Weekday",
    "validate_time_zone",
]
