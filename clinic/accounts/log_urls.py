"""Pages of the audit. They stand here because the audit itself knows neither people nor rights."""

from django.urls import path

from clinic.accounts.views import log

app_name = "audit"
urlpatterns = [
    path("audit/", log.log, name="log"),
    path("audit/opened/", log.access, name="access"),
    path("audit/check/", log.check, name="check"),
]
