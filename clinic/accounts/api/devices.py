"""Trusted devices, listed and revoked; and one's own PIN. A device is trusted only by whoever sits in front of it."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.accounts.api.contract import (
    KEY_HEADER,
    actor_of,
    checked,
    found_or_404,
    is_for_the_document,
    write_once,
)
from clinic.accounts.models import PersonalPin, TrustedDevice
from clinic.accounts.operations.devices import revoke_device
from clinic.accounts.operations.pins import set_pin


class DeviceOut(serializers.ModelSerializer[TrustedDevice]):
    """A device on which a PIN is enough after a sign-in with the password."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.UUIDField(source="site.public_id")
    trusted_by = serializers.UUIDField(source="trusted_by.public_id")

    class Meta:
        model = TrustedDevice
        fields = ["id", "name", "site", "trusted_by", "trusted_at", "expires_at", "revoked_at"]


class DeviceList(ListAPIView[TrustedDevice]):
    """Those that the caller trusted or uses, and those of the sites that they are in charge of; the newest first."""

    serializer_class = DeviceOut

    def get_queryset(self) -> QuerySet[TrustedDevice]:
        if is_for_the_document(self):
            return TrustedDevice.objects.none()
        rows = TrustedDevice.objects.for_user(actor_of(self.request)).select_related("site", "trusted_by")
        ordered: QuerySet[TrustedDevice] = rows.order_by("-trusted_at", "-pk")
        return ordered


class DeviceRevoke(APIView):
    """The end of the trust in a device."""

    @extend_schema(request=None, responses=DeviceOut, parameters=[KEY_HEADER])
    def post(self, request: Request, device_id: Any) -> Response:
        """No PIN opens anything on it any more, and sessions that one has opened end at once."""
        device = found_or_404(TrustedDevice.objects.for_user(actor_of(request)), device_id)

        def do(*, key: Any, now: datetime) -> TrustedDevice:
            return revoke_device(device=device, by=actor_of(request), now=now)

        def again(key: Any) -> TrustedDevice:
            device.refresh_from_db()
            return device

        return write_once(
            request, do=do, again=again, show=lambda row: dict(DeviceOut(row).data), created=False
        )


class PinIn(serializers.Serializer[Any]):
    """A new PIN, confirmed by the password."""

    pin = serializers.CharField(max_length=20, write_only=True)
    password = serializers.CharField(max_length=200, trim_whitespace=False, write_only=True)


class PinOut(serializers.ModelSerializer[PersonalPin]):
    """When the PIN was set. The digits are told to nobody."""

    class Meta:
        model = PersonalPin
        fields = ["set_at"]


class MyPin(APIView):
    """The caller's own PIN."""

    @extend_schema(request=PinIn, responses=PinOut, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Set it; from a signed-in browser only, for a token must not make a way in that outlives it."""
        actor, body = actor_of(request), PinIn(data=request.data)

        def do(*, key: Any, now: datetime) -> PersonalPin:
            return set_pin(**checked(body), by=actor, now=now)

        def again(key: Any) -> PersonalPin:
            return actor.user.pin  # type: ignore[union-attr]

        # The fingerprint of a write is a fast hash, and is stored: nothing secret goes into it.
        return write_once(
            request, do=do, again=again, show=lambda row: dict(PinOut(row).data), body={}, created=False
        )
