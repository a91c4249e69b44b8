"""When a fact of the record can have happened."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common import clock
from clinic.common.errors import Invalid, Problem

# Two servers' clocks may differ a little; a clinic's typing does not.
SKEW = timedelta(minutes=1)


def check_moment(
    taken_at: datetime, *, patient: Any, site: Any, now: datetime, field: str = "taken_at"
) -> None:
    """Refuse a time in the future or before the patient was born.

    Raises:
        Invalid: ``moment.future`` or ``moment.before_birth``.
    """
    if taken_at > now + SKEW:
        raise Invalid({field: Problem("moment.future", _("This time is in the future. Check it."))})
    if clock.local_date(taken_at, site.time_zone) < patient.birth_date:
        raise Invalid(
            {field: Problem("moment.before_birth", _("This is before the patient was born. Check it."))}
        )
