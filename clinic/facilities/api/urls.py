from django.urls import path

from clinic.facilities.api import sites

app_name = "facilities-api"

CHAIR = "chairs/<uuid:chair_id>/"

urlpatterns = [
    path("sites/", sites.SiteList.as_view(), name="sites"),
    path("sites/<uuid:site_id>/", sites.SiteDetail.as_view(), name="site"),
    path("sites/<uuid:site_id>/chairs/", sites.ChairList.as_view(), name="chairs"),
    path(CHAIR, sites.ChairDetail.as_view(), name="chair"),
    path(f"{CHAIR}take-out-of-service/", sites.ChairOutOfService.as_view(), name="chair-take-out-of-service"),
    path(f"{CHAIR}return-to-service/", sites.ChairInService.as_view(), name="chair-return-to-service"),
]
