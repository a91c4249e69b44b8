from django.urls import path

from clinic.accounts.api import devices, log, people, tokens

app_name = "accounts-api"

urlpatterns = [
    path("me/", people.Me.as_view(), name="me"),
    path("me/pin/", devices.MyPin.as_view(), name="my-pin"),
    path("devices/", devices.DeviceList.as_view(), name="devices"),
    path("devices/<uuid:device_id>/revoke/", devices.DeviceRevoke.as_view(), name="device-revoke"),
    path("staff/", people.StaffList.as_view(), name="staff"),
    path("tokens/", tokens.TokenList.as_view(), name="tokens"),
    path("tokens/<uuid:token_id>/revoke/", tokens.TokenRevoke.as_view(), name="token-revoke"),
    path("audit-events/", log.AuditEventList.as_view(), name="audit-events"),
    path("access-events/", log.AccessEventList.as_view(), name="access-events"),
]
