"""Telling a member of staff that something waits, by text message or e-mail."""

from django.utils.translation import gettext as _

from clinic.accounts.models import User
from clinic.common.messaging import Message, carry
from clinic.facilities.rules.channels import SMS


def tell(channel: str, user: User, body: str, *, subject: str, reference: str) -> str:
    """Hand a message over; why its carrier did not take it, "" where it did.

    Not inside a transaction: what is noted before the message leaves must be committed.
    """
    address = user.phone if channel == SMS else user.email
    if not address:
        return str(_("No telephone number is known.") if channel == SMS else _("No e-mail address is known."))
    message = Message(to=address, subject=subject, body=body, reference=f"{reference}-{channel}")
    outcome = carry(message, by_sms=channel == SMS)
    return "" if outcome is None else str(outcome)
