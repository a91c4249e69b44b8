"""The cookie by which a trusted device is known. It is signed, outlives sign-outs, and opens nothing by itself."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from clinic.accounts.models import TrustedDevice
from clinic.accounts.operations.devices import LIFE

COOKIE = "device"
SALT = "clinic.trusted-device"


def remember(response: HttpResponse, device: TrustedDevice) -> None:
    """Give the device its cookie, for as long as it is trusted."""
    response.set_cookie(
        COOKIE,
        signing.dumps(str(device.public_id), salt=SALT),
        max_age=int(LIFE.total_seconds()),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def device_of(request: HttpRequest, *, now: datetime) -> TrustedDevice | None:
    """The device in front of which somebody sits, while its trust stands; read once for a request."""
    if not hasattr(request, "_device"):
        request._device = _standing(request, now)  # type: ignore[attr-defined]
    found: TrustedDevice | None = request._device  # type: ignore[attr-defined]
    return found


def _standing(request: HttpRequest, now: datetime) -> TrustedDevice | None:
    try:
        public_id = UUID(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT))
    except (signing.BadSignature, ValueError):
        return None
    return TrustedDevice.objects.standing(now).select_related("site").filter(public_id=public_id).first()
