"""By which ways a site tells its people that something waits for them: on the screen, and what else it has chosen."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.facilities.policy import SitePolicy

SCREEN, SMS, EMAIL = "screen", "sms", "email"
CHANNEL_WORDS: dict[str, Any] = {
    SCREEN: _("on the screen"),
    SMS: _("text message"),
    EMAIL: _("e-mail"),
}


def channels_of(rules: SitePolicy) -> list[str]:
    """The channels of a site besides the screen."""
    return [name for name, wanted in ((SMS, rules.alert_by_sms), (EMAIL, rules.alert_by_email)) if wanted]
