from django.urls import path

from clinic.accounts.views import devices, entering, me, outbox, roles, staff

app_name = "accounts"

PERSON = "staff/<uuid:user_id>/"
ROLE = f"{PERSON}at/<uuid:site_id>/<slug:role>/"

urlpatterns = [
    path("me/", me.me, name="me"),
    path("me/tokens/new/", me.tokens, name="tokens"),
    path("me/tokens/<uuid:token_id>/revoke/", me.revoke, name="token-revoke"),
    path("me/pin/", devices.pin, name="pin"),
    path("me/devices/", devices.devices, name="devices"),
    path("me/devices/trust/", devices.trust, name="device-trust"),
    path("me/devices/<uuid:device_id>/revoke/", devices.revoke, name="device-revoke"),
    path("switch/", entering.switch, name="switch"),
    path("session/", entering.session, name="session"),
    path("session/stay/", entering.stay, name="stay"),
    path("session/again/", entering.again, name="again"),
    path("session/confirm/", entering.confirm, name="confirm"),
    path("session/unsent/", entering.waiting, name="unsent"),
    path("me/outbox-key/", outbox.key, name="outbox-key"),
    path("staff/", staff.staff, name="staff"),
    path("staff/add/", staff.add, name="person-add"),
    path("staff/rights/", roles.rights, name="rights"),
    path(PERSON, staff.person, name="person"),
    path(f"{PERSON}edit/", staff.edit, name="person-edit"),
    path(f"{PERSON}password/", staff.password, name="person-password"),
    path(f"{PERSON}close/", staff.close, name="person-close"),
    path(f"{PERSON}reopen/", staff.reopen, name="person-reopen"),
    path(f"{PERSON}roles/", roles.give, name="role-give"),
    path(f"{ROLE}change/", roles.change, name="role-change"),
    path(f"{ROLE}end/", roles.end, name="role-end"),
    path(f"{ROLE}rights/", roles.grant, name="right-grant"),
    path(f"{ROLE}rights/<slug:permission>/withdraw/", roles.withdraw, name="right-withdraw"),
]
