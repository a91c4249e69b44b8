"""What a PIN must be, and when it is enough."""

from datetime import datetime
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor, password_needed
from clinic.accounts.models import DevicePerson, TrustedDevice, User
from clinic.accounts.models.device import in_charge
from clinic.common.errors import Invalid, Problem, Refused

TRIES = 5
SHORTEST, LONGEST = 4, 6
# The columns and the corners of a number pad; whatever else is guessed first has a pattern.
GUESSED_FIRST = frozenset({"2580", "0852", "1470", "3690", "1379", "1397", "7931", "147258", "159357"})


def check_pin(pin: str) -> None:
    """Four to six digits that are not among the first that anybody would try.

    Raises:
        Invalid: field ``pin``: ``pin.shape`` or ``pin.trivial``.
    """
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        message = _("A PIN has %(shortest)s to %(longest)s digits.")
        told = {"shortest": SHORTEST, "longest": LONGEST}
        raise Invalid({"pin": Problem("pin.shape", message, told)})
    if _is_trivial(pin):
        message = _("This PIN is among the first that somebody would try. Choose digits without a pattern.")
        raise Invalid({"pin": Problem("pin.trivial", message)})


def _is_trivial(pin: str) -> bool:
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    half = len(pin) // 2
    return (
        len(steps) == 1  # 1111, 1234, 8642
        or len(set(pin)) < 3  # 1121
        or pin == pin[:half] * 2  # 4747
        or pin == pin[:2] * (len(pin) // 2)  # 121212
        or (len(pin) == 4 and pin[:2] in {"19", "20"})  # a year
        or pin in GUESSED_FIRST
    )


def check_with_password(by: Actor) -> None:
    """For what a short PIN must not open: the password itself, other ways in, tokens.

    Raises:
        PasswordNeeded: the session was opened by a PIN (``session.password_needed``).
    """
    if by.by_pin:
        raise password_needed()


def check_may_revoke(device: TrustedDevice, *, by: Actor) -> None:
    """Whoever trusted it, and whoever manages the staff or the roster of its site.

    Raises:
        Refused: ``device.not_yours``.
    """
    if device.trusted_by_id != by.user_id and device.site_id not in in_charge(by):
        message = _("Only %(name)s, or somebody who manages staff or roster of its site, can do this.")
        raise Refused(Problem("device.not_yours", message, {"name": device.trusted_by.display_name}))


def check_offered(device: TrustedDevice | None, user: User | None, *, now: datetime) -> None:
    """Whether a PIN opens anything for this person on this device at all.

    Raises:
        Refused: ``device.untrusted``, or ``pin.unknown`` for whoever has not signed in here with the password
            lately, has no PIN or may not enter any more: they are told alike, to tell a stranger nothing.
    """
    if device is None or not device.is_valid(now):
        message = _("This device is not trusted, or not any more. Sign in with your password.")
        raise Refused(Problem("device.untrusted", message))
    here = DevicePerson.objects.filter(device=device, user=user, user__pin__isnull=False).recent(now)
    if user is None or not user.may_enter or not here.exists():
        message = _("A PIN does not open this account here. Sign in with your password.")
        raise Refused(Problem("pin.unknown", message))


def locked() -> Refused:
    """The refusal of somebody whose tries are used up."""
    message = _(
        "Too many wrong PINs for this person on this device. Sign in with the password; then it works again."
    )
    return Refused(Problem("pin.locked", message))


def wrong(left: int) -> Refused:
    """The refusal of a wrong PIN while there are tries left."""
    message = _("This PIN is wrong. Tries left: %(left)s.")
    return Refused(Problem("pin.wrong", message, {"left": left}))
