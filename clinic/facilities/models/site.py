from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from clinic.accounts.actor import Actor
from clinic.common.models import PublicModel, Revisioned
from clinic.facilities.policy import SitePolicy


def validate_time_zone(name: str) -> None:
    """Accept the names of the IANA time zone database only."""
    # These two stand in the database without being a place: they depend on the machine.
    if name in {"localtime", "Factory"} or name not in available_timezones():
        raise ValidationError(
            _("%(name)s is not a time zone. Use a name such as Europe/Lisbon or America/Chicago."),
            code="time_zone.unknown",
            params={"name": name},
        )


class SiteQuerySet(models.QuerySet["Site"]):
    def for_user(self, actor: Actor) -> "SiteQuerySet":
        """Sites at which the actor has a role."""
        return self.filter(pk__in=actor.site_ids)


class Site(PublicModel, Revisioned):
    """One clinic of the organisation, with its own time zone, chairs and rules."""

    name = models.CharField(max_length=120)
    code = models.SlugField(max_length=20, unique=True)
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True, help_text=_("Where an ambulance is sent to."))
    emergency_number = models.CharField(
        max_length=40, blank=True, help_text=_("Whom to call in an emergency, as dialled at this site.")
    )
    crisis_line = models.CharField(
        max_length=40,
        blank=True,
        help_text=_("Whom a patient can call at any hour, as dialled from outside."),
    )
    crisis_line_name = models.CharField(
        max_length=80, blank=True, help_text=_("What the crisis line is called.")
    )
    is_demo = models.BooleanField(
        default=False, help_text=_("Only here may protocols labelled as examples be used.")
    )
    policy = models.JSONField(default=dict, blank=True)

    history = HistoricalRecords(table_name="facilities_site_history")
    objects = SiteQuerySet.as_manager()

    class Meta:
        db_table = "facilities_site"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def rules(self) -> SitePolicy:
        """The site's policy with the house's values where the site has set none."""
        return SitePolicy.from_json(self.policy)
