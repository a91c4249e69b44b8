from django.urls import path

from clinic.facilities.views import chairs, leave, opening, roster, sites

app_name = "facilities"
urlpatterns = [
    path("sites/", sites.sites, name="sites"),
    path("sites/choose/", sites.choose_site, name="choose-site"),
    path("sites/<uuid:site_id>/edit/", sites.edit, name="site-edit"),
    path("sites/<uuid:site_id>/chairs/add/", chairs.add, name="chair-add"),
    path("chairs/<uuid:chair_id>/edit/", chairs.edit, name="chair-edit"),
    path("chairs/<uuid:chair_id>/out-of-service/", chairs.take_out, name="chair-take-out"),
    path("chairs/<uuid:chair_id>/return/", chairs.put_back, name="chair-return"),
    path("sites/<uuid:site_id>/opening/", opening.opening, name="opening"),
    path("sites/<uuid:site_id>/opening/hours/", opening.hours, name="opening-hours"),
    path("sites/<uuid:site_id>/closures/add/", opening.closure_add, name="closure-add"),
    path("closures/<uuid:closure_id>/edit/", opening.closure_edit, name="closure-edit"),
    path("closures/<uuid:closure_id>/withdraw/", opening.closure_withdraw, name="closure-withdraw"),
    path("roster/", roster.roster, name="roster"),
    path("sites/<uuid:site_id>/roster/copy/", roster.copy, name="roster-copy"),
    path("sites/<uuid:site_id>/shifts/add/", roster.shift_add, name="shift-add"),
    path("shifts/<uuid:shift_id>/edit/", roster.shift_edit, name="shift-edit"),
    path("shifts/<uuid:shift_id>/withdraw/", roster.shift_withdraw, name="shift-withdraw"),
    path("leave/", leave.leave_list, name="leave-list"),
    path("sites/<uuid:site_id>/leave/add/", leave.add, name="leave-add"),
    path("leave/<uuid:leave_id>/", leave.leave, name="leave"),
    path("leave/<uuid:leave_id>/edit/", leave.edit, name="leave-edit"),
    path("leave/<uuid:leave_id>/withdraw/", leave.withdraw, name="leave-withdraw"),
]
