"""By which ways are people told of alerts at a site, and when was each tried last?"""

from dataclasses import dataclass
from typing import Any

from clinic.facilities.models import Site
from clinic.facilities.rules.channels import CHANNEL_WORDS, SCREEN, channels_of
from sessions.models import AlertChannelTest


@dataclass(frozen=True, slots=True)
class ChannelState:
    """One channel that a site uses, with its last test: ``ChannelState("sms", "text message", None)``."""

    channel: str
    words: Any
    last: AlertChannelTest | None


def channel_states(site: Site) -> list[ChannelState]:
    """The screen, and whatever else the site has switched on; one query."""
    last: dict[str, AlertChannelTest] = {}
    for row in AlertChannelTest.objects.filter(site=site).order_by("at", "pk").select_related("by"):
        last[row.channel] = row
    used = (SCREEN, *channels_of(site.rules))
    return [ChannelState(channel, CHANNEL_WORDS[channel], last.get(channel)) for channel in used]
