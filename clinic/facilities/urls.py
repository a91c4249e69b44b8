from django.urls import path

from clinic.facilities.views import chairs, sites

app_name = "facilities"
urlpatterns = [
    path("sites/", sites.sites, name="sites"),
    path("sites/choose/", sites.choose_site, name="choose-site"),
    path("sites/<uuid:site_id>/edit/", sites.edit, name="site-edit"),
    path("sites/<uuid:site_id>/chairs/add/", chairs.add, name="chair-add"),
    path("chairs/<uuid:chair_id>/edit/", chairs.edit, name="chair-edit"),
    path("chairs/<uuid:chair_id>/out-of-service/", chairs.take_out, name="chair-take-out"),
    path("chairs/<uuid:chair_id>/return/", chairs.put_back, name="chair-return"),
]
