"""Where each room's pages begin. Floors are joined here by strings only."""

from django.urls import include, path

urlpatterns = [
    path("", include("clinic.common.urls")),
    path("", include("clinic.accounts.urls")),
    path("", include("clinic.accounts.log_urls")),
    path("", include("clinic.facilities.urls")),
    path("", include("clinic.stock.urls")),
    path("account/", include("allauth.account.urls")),
    path("patients/", include("patients.urls")),
    path("", include("sessions.urls")),
    path("api/", include("clinic.config.api_urls")),
]

handler400 = "clinic.common.pages.bad_request"
handler403 = "clinic.common.pages.forbidden"
handler404 = "clinic.common.pages.not_found"
handler500 = "clinic.common.pages.server_error"
