"""Where each room's API begins, and the document that describes it."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from clinic.common.api.problems import no_such_route

# The floor that is asked most comes first, as in the pages' addresses.
urlpatterns = [
    path("v1/", include("sessions.api.urls")),
    path("v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("v1/", include("clinic.accounts.api.urls")),
    path("v1/", include("clinic.facilities.api.urls")),
    path("v1/", include("clinic.stock.api.urls")),
    path("v1/", include("patients.api.urls")),
    re_path(r"^", no_such_route),
]
