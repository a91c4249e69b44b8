from django.urls import path

from clinic.facilities.api import leave, opening, roster, sites

app_name = "facilities-api"

CHAIR = "chairs/<uuid:chair_id>/"
SITE = "sites/<uuid:site_id>/"
CLOSURE = "closures/<uuid:closure_id>/"
SHIFT = "shifts/<uuid:shift_id>/"
LEAVE = "leave/<uuid:leave_id>/"

urlpatterns = [
    path("sites/", sites.SiteList.as_view(), name="sites"),
    path("sites/<uuid:site_id>/", sites.SiteDetail.as_view(), name="site"),
    path("sites/<uuid:site_id>/chairs/", sites.ChairList.as_view(), name="chairs"),
    path(CHAIR, sites.ChairDetail.as_view(), name="chair"),
    path(f"{CHAIR}take-out-of-service/", sites.ChairOutOfService.as_view(), name="chair-take-out-of-service"),
    path(f"{CHAIR}return-to-service/", sites.ChairInService.as_view(), name="chair-return-to-service"),
    path(f"{SITE}opening-hours/", opening.OpeningHoursDetail.as_view(), name="opening-hours"),
    path("closures/", opening.ClosureList.as_view(), name="closures"),
    path(CLOSURE, opening.ClosureDetail.as_view(), name="closure"),
    path(f"{CLOSURE}withdraw/", opening.ClosureWithdraw.as_view(), name="closure-withdraw"),
    path("shifts/", roster.ShiftList.as_view(), name="shifts"),
    path(SHIFT, roster.ShiftDetail.as_view(), name="shift"),
    path(f"{SHIFT}withdraw/", roster.ShiftWithdraw.as_view(), name="shift-withdraw"),
    path(f"{SITE}roster/copy-week/", roster.WeekCopy.as_view(), name="copy-week"),
    path("leave/", leave.LeaveList.as_view(), name="leave-list"),
    path(LEAVE, leave.LeaveDetail.as_view(), name="leave"),
    path(f"{LEAVE}withdraw/", leave.LeaveWithdraw.as_view(), name="leave-withdraw"),
]
