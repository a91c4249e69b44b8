"""When it happened: now, a few minutes ago, or a time on the site's clocks."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import SiteTime, instant_on
from clinic.common.outbox import typed_moment
from sessions.models import InfusionSession

AGO = [("0", _("now")), ("2", "−2"), ("5", "−5"), ("10", "−10")]


class MomentForm(forms.Form):
    """A form about something that happened in a session."""

    ago = forms.ChoiceField(
        label=_("When, minutes ago"), choices=AGO, required=False, initial="0", widget=forms.RadioSelect
    )
    at = SiteTime(label=_("or at"), required=False)

    def __init__(self, *args: Any, session: InfusionSession, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session
        self.order_fields([*(name for name in self.fields if name not in {"ago", "at"}), "ago", "at"])

    def clean(self) -> dict[str, Any]:
        site = self.session.site
        self.typed_moment = instant_on(self, "at", day=self.session.local_date, zone=site.time_zone)
        return self.cleaned_data

    def typed_at(self, now: datetime) -> datetime | None:
        """When it was typed without network, by the server's clock; None of what was sent as it was typed."""
        return typed_moment(self.data, now)

    def moment(self, now: datetime) -> datetime | None:
        """The moment meant; None for now, so that the operation's own clock decides.

        Of a form that was typed without network, "now" and "2 minutes ago" are counted from when it was typed.
        """
        if self.typed_moment:
            return self.typed_moment
        minutes = int(self.cleaned_data.get("ago") or 0)
        typed = self.typed_at(now)
        return (typed or now) - timedelta(minutes=minutes) if minutes or typed else None
