from django.urls import path
from django.urls.resolvers import URLPattern

from sessions.api import booking, checking, courses, monitoring, protocols, schedule, sessions, signing
from sessions.api.transitions import ROUTES

app_name = "sessions-api"

PROTOCOL = "protocols/<uuid:protocol_id>/"
VERSION = "protocol-versions/<uuid:version_id>/"
COURSE = "courses/<uuid:course_id>/"
SESSION = "sessions/<uuid:session_id>/"
READING = f"{SESSION}vital-signs/<uuid:fact_id>/"


def transition_routes() -> list[URLPattern]:
    """One route for each action, under its own name."""
    return [
        path(f"{SESSION}{action.value}/", route.as_view(), name=action.value)
        for action, route in ROUTES.items()
    ]


urlpatterns = [
    path("protocols/", protocols.ProtocolList.as_view(), name="protocols"),
    path(PROTOCOL, protocols.ProtocolDetail.as_view(), name="protocol"),
    path(f"{PROTOCOL}versions/", protocols.VersionList.as_view(), name="versions"),
    path(VERSION, protocols.VersionDetail.as_view(), name="version"),
    path(f"{VERSION}approve/", protocols.VersionApprove.as_view(), name="approve"),
    path("courses/", courses.CourseList.as_view(), name="courses"),
    path(COURSE, courses.CourseDetail.as_view(), name="course"),
    path(f"{COURSE}close/", courses.CourseClose.as_view(), name="close"),
    path(f"{COURSE}consent/", courses.CourseConsent.as_view(), name="consent"),
    path("sessions/", sessions.SessionList.as_view(), name="sessions"),
    path(SESSION, sessions.SessionDetail.as_view(), name="session"),
    path("schedule/", schedule.ScheduleList.as_view(), name="schedule"),
    path(f"{SESSION}nurse/", schedule.SessionNurse.as_view(), name="nurse"),
    path("blocks/", schedule.BlockList.as_view(), name="blocks"),
    path("blocks/<uuid:block_id>/move/", schedule.BlockMove.as_view(), name="block-move"),
    path("blocks/<uuid:block_id>/release/", schedule.BlockRelease.as_view(), name="block-release"),
    path(f"{SESSION}move/", booking.SessionMove.as_view(), name="move"),
    path(f"{SESSION}chair/", booking.SessionChair.as_view(), name="chair"),
    *transition_routes(),
    path(f"{SESSION}check-answers/", checking.CheckAnswers.as_view(), name="check-answers"),
    path(f"{SESSION}weights/", checking.Weights.as_view(), name="weights"),
    path(f"{SESSION}dose/", checking.Dose.as_view(), name="dose"),
    path(f"{SESSION}vital-signs/", monitoring.VitalSignsList.as_view(), name="vital-signs"),
    path(f"{READING}correct/", monitoring.VitalSignsCorrect.as_view(), name="vital-signs-correct"),
    path(f"{READING}retract/", monitoring.VitalSignsRetract.as_view(), name="vital-signs-retract"),
    path(f"{SESSION}notes/", monitoring.NoteList.as_view(), name="notes"),
    path(f"{SESSION}notes/<uuid:fact_id>/correct/", monitoring.NoteCorrect.as_view(), name="note-correct"),
    path(f"{SESSION}side-effects/", monitoring.SideEffectList.as_view(), name="side-effects"),
    path(
        f"{SESSION}side-effects/<uuid:fact_id>/entries/",
        monitoring.SideEffectEntries.as_view(),
        name="side-effect-entries",
    ),
    path(
        f"{SESSION}side-effect-inquiries/",
        monitoring.SideEffectInquiries.as_view(),
        name="side-effect-inquiries",
    ),
    path(f"{SESSION}events/<uuid:fact_id>/correct/", monitoring.EventCorrect.as_view(), name="event-correct"),
    path(
        f"{SESSION}discharge-assessments/",
        signing.DischargeAssessments.as_view(),
        name="discharge-assessments",
    ),
    path(f"{SESSION}sign/", signing.Sign.as_view(), name="sign"),
    path(f"{SESSION}review/", signing.Review.as_view(), name="review"),
    path(f"{SESSION}addenda/", signing.Addenda.as_view(), name="addenda"),
]
