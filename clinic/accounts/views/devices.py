"""My PIN, and the devices on which it opens something."""

from typing import Any
from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.actor import Actor
from clinic.accounts.devices import device_of, remember
from clinic.accounts.forms.pins import PinForm, TrustForm
from clinic.accounts.models import TrustedDevice
from clinic.accounts.operations.devices import revoke_device, trust_device
from clinic.accounts.operations.pins import set_pin
from clinic.accounts.reports.devices import devices_of, pin_of
from clinic.accounts.reports.places import places_of
from clinic.accounts.rules.pins import check_with_password
from clinic.accounts.web_session import SITE
from clinic.common import clock
from clinic.common.submitting import once, sent, status_of


@login_required
@sensitive_post_parameters("pin", "pin_again", "password")
def pin(request: HttpRequest) -> HttpResponse:
    """Set my PIN; the password is asked for, and wrong ones are limited as at the sign-in page."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    check_with_password(actor)
    form = PinForm(request.POST or None)
    if request.method == "POST" and not ratelimit.consume(request, action="reauthenticate", user=actor.user):
        return ratelimit.respond_429(request)

    def do(key: UUID, now: Any) -> None:
        set_pin(pin=form.cleaned_data["pin"], password=form.cleaned_data["password"], by=actor, now=now)

    if sent(request, form, do):
        messages.success(request, _("Your PIN is set. It opens your session on trusted devices only."))
        return redirect("accounts:devices")
    context = {"form": form, "has_pin": pin_of(actor) is not None}
    return render(request, "accounts/pin.html", context, status=status_of(form))


@login_required
@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    """The devices that I trusted or use, and those of the sites that I am in charge of."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = clock.now()
    context = {
        "rows": devices_of(actor, now=now),
        "here": device_of(request, now=now),
        "pin": pin_of(actor),
        "has_site": bool(actor.site_ids),
    }
    return render(request, "accounts/devices.html", context)


@login_required
def trust(request: HttpRequest) -> HttpResponse:
    """Trust the device in front of me, for one of my sites."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    check_with_password(actor)
    places = places_of(user_id=actor.user_id, actor=actor)
    sites = {str(place.site.public_id): place.site for place in places}
    here = {"site": request.session.get(SITE)}
    form = TrustForm(request.POST or None, sites=sites, initial=here)
    made: list[TrustedDevice] = []

    def do(key: UUID, now: Any) -> None:
        site = sites[form.cleaned_data["site"]]
        name = form.cleaned_data["name"]
        made.append(trust_device(site=site, name=name, by=actor, public_id=key, now=now))

    if not sent(request, form, do):
        return render(request, "accounts/device_trust.html", {"form": form}, status=status_of(form))
    response = redirect("accounts:devices")
    if made:
        remember(response, made[0])
        messages.success(request, _("%(name)s is trusted.") % {"name": made[0].name})
    return response


@login_required
@require_POST
def revoke(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """No PIN opens anything on it any more."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    device = get_object_or_404(TrustedDevice.objects.for_user(actor), public_id=device_id)
    once(request, lambda key, now: revoke_device(device=device, by=actor, now=now))
    messages.success(request, _("%(name)s is not trusted any more.") % {"name": device.name})
    return redirect("accounts:devices")
