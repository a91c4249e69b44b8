"""Where each room's pages begin. Floors are joined here by strings only."""

from django.urls import include, path

# The floor that is asked every few seconds comes first: each include that does not match is searched to its end.
urlpatterns = [
    path("api/", include("clinic.config.api_urls")),
    path("", include("sessions.urls")),
    path("", include("clinic.common.urls")),
    path("", include("clinic.accounts.urls")),
    path("", include("clinic.accounts.log_urls")),
    path("", include("clinic.facilities.urls")),
    path("", include("clinic.stock.urls")),
    path("account/", include("allauth.account.urls")),
    path("patients/", include("patients.urls")),
]

handler400 = "clinic.common.pages.bad_request"
handler403 = "clinic.common.pages.forbidden"
handler404 = "clinic.common.pages.not_found"
handler500 = "clinic.common.pages.server_error"
