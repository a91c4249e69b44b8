"""Devices that several people share, who has signed in on them, and the PIN with which they come back."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.models import PublicModel

RECENT = timedelta(days=14)
"""For how long after a sign-in with the password somebody is offered on a device."""


def in_charge(actor: Actor) -> frozenset[int]:
    """Sites whose devices the actor answers for, whoever trusted them."""
    return actor.sites_with(Permission.MANAGE_STAFF) | actor.sites_with(Permission.PLAN_ROSTER)


class TrustedDeviceQuerySet(models.QuerySet["TrustedDevice"]):
    def for_user(self, actor: Actor) -> "TrustedDeviceQuerySet":
        """Those that the actor trusted or has signed in on, and all of the sites that they are in charge of."""
        entered = DevicePerson.objects.filter(device=OuterRef("pk"), user=actor.user_id)
        return self.filter(Q(trusted_by=actor.user_id) | Q(site__in=in_charge(actor)) | Exists(entered))

    def standing(self, now: datetime) -> "TrustedDeviceQuerySet":
        return self.filter(revoked_at__isnull=True, expires_at__gt=now)


class TrustedDevice(PublicModel):
    """A tablet or computer of a site on which a PIN is enough after a sign-in with the password."""

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    trusted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    trusted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TrustedDeviceQuerySet.as_manager()

    class Meta:
        db_table = "accounts_trusted_device"
        ordering = ["-trusted_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="device_revoked_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


class DevicePersonQuerySet(models.QuerySet["DevicePerson"]):
    def recent(self, now: datetime) -> "DevicePersonQuerySet":
        """Those whose sign-in with the password is young enough for a PIN."""
        return self.filter(signed_in_at__gt=now - RECENT)


class DevicePerson(models.Model):
    """Somebody who has signed in with their password on a trusted device.

    Attributes:
        tries: wrong PINs since the last right one. Each try is counted before it is checked, so that many at once
            are not more than so many one after the other.
    """

    device = models.ForeignKey(TrustedDevice, on_delete=models.CASCADE, related_name="people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices")
    signed_in_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    objects = DevicePersonQuerySet.as_manager()

    class Meta:
        db_table = "accounts_device_person"
        ordering = ["user__display_name", "pk"]
        constraints = [models.UniqueConstraint(fields=["device", "user"], name="device_person_once")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.device_id}"


class PersonalPin(models.Model):
    """A few digits that open one's own session on trusted devices only. Only a slow hash is kept."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="pin")
    digest = models.CharField(max_length=128)
    set_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_personal_pin"

    def __str__(self) -> str:
        return f"PIN of {self.user_id}"
