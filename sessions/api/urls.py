from django.urls import path
from django.urls.resolvers import URLPattern

from sessions.api import (
    blocks,
    board,
    booking,
    calendar,
    checking,
    conflicts,
    courses,
    cover,
    handovers,
    monitoring,
    proposals,
    protocols,
    readiness,
    reminders,
    schedule,
    series,
    sessions,
    signing,
    waiting,
    worklists,
)
from sessions.api.transitions import ROUTES

app_name = "sessions-api"

PROTOCOL = "protocols/<uuid:protocol_id>/"
VERSION = "protocol-versions/<uuid:version_id>/"
COURSE = "courses/<uuid:course_id>/"
BLOCK = "blocks/<uuid:block_id>/"
SESSION = "sessions/<uuid:session_id>/"
HANDOVER = "handovers/<uuid:handover_id>/"
WAITING = "waiting-entries/<uuid:entry_id>/"
READING = f"{SESSION}vital-signs/<uuid:fact_id>/"


def transition_routes() -> list[URLPattern]:
    """One route for each action, under its own name."""
    return [
        path(f"{SESSION}{action.value}/", route.as_view(), name=action.value)
        for action, route in ROUTES.items()
    ]


urlpatterns = [
    path("board/", board.BoardDetail.as_view(), name="board"),
    path("my-chairs/", board.MyChairs.as_view(), name="my-chairs"),
    path("leave/<uuid:leave_id>/uncovered/", cover.LeaveUncovered.as_view(), name="leave-uncovered"),
    path("protocols/", protocols.ProtocolList.as_view(), name="protocols"),
    path(PROTOCOL, protocols.ProtocolDetail.as_view(), name="protocol"),
    path(f"{PROTOCOL}versions/", protocols.VersionList.as_view(), name="versions"),
    path(VERSION, protocols.VersionDetail.as_view(), name="version"),
    path(f"{VERSION}approve/", protocols.VersionApprove.as_view(), name="approve"),
    path("readiness/", readiness.ReadinessList.as_view(), name="readiness"),
    path(f"{SESSION}readiness-answers/", readiness.ReadinessAnswers.as_view(), name="readiness-answers"),
    path(f"{SESSION}calls/", readiness.Calls.as_view(), name="calls"),
    path("course-worklist/", worklists.CourseWorklist.as_view(), name="course-worklist"),
    path(f"{COURSE}reevaluations/", worklists.Reevaluations.as_view(), name="reevaluations"),
    path("courses/", courses.CourseList.as_view(), name="courses"),
    path(COURSE, courses.CourseDetail.as_view(), name="course"),
    path(f"{COURSE}proposals/", proposals.Proposals.as_view(), name="proposals"),
    path(f"{COURSE}close/", courses.CourseClose.as_view(), name="close"),
    path(f"{COURSE}consent/", courses.CourseConsent.as_view(), name="consent"),
    path(f"{COURSE}series/", series.SeriesBook.as_view(), name="series"),
    path(f"{COURSE}series/move/", series.SeriesMove.as_view(), name="series-move"),
    path(f"{SESSION}cancel-later/", series.SessionCancelLater.as_view(), name="cancel-later"),
    path(f"{SESSION}assign-chair/", booking.SessionAssignChair.as_view(), name="assign-chair"),
    path("blocks/", blocks.BlockList.as_view(), name="blocks"),
    path(BLOCK, blocks.BlockDetail.as_view(), name="block"),
    path(f"{BLOCK}move/", blocks.BlockMove.as_view(), name="block-move"),
    path(f"{BLOCK}release/", blocks.BlockRelease.as_view(), name="block-release"),
    path("sessions/", sessions.SessionList.as_view(), name="sessions"),
    path(SESSION, sessions.SessionDetail.as_view(), name="session"),
    path("schedule/", schedule.ScheduleList.as_view(), name="schedule"),
    path(f"{SESSION}nurse/", schedule.SessionNurse.as_view(), name="nurse"),
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
    path("handovers/", handovers.HandoverList.as_view(), name="handovers"),
    path(HANDOVER, handovers.HandoverDetail.as_view(), name="handover"),
    path(f"{HANDOVER}accept/", handovers.HandoverAccept.as_view(), name="handover-accept"),
    path(f"{HANDOVER}decline/", handovers.HandoverDecline.as_view(), name="handover-decline"),
    path(f"{HANDOVER}withdraw/", handovers.HandoverWithdraw.as_view(), name="handover-withdraw"),
    path(f"{SESSION}take-over/", handovers.SessionTakeOver.as_view(), name="take-over"),
    path("reminder-texts/", reminders.TextList.as_view(), name="reminder-texts"),
    path("reminder-texts/<uuid:text_id>/", reminders.TextDetail.as_view(), name="reminder-text"),
    path("reminders/", reminders.ReminderList.as_view(), name="reminders"),
    path("reminders/<uuid:reminder_id>/try-again/", reminders.TryAgain.as_view(), name="reminder-again"),
    path("calendar-feeds/", calendar.FeedList.as_view(), name="calendar-feeds"),
    path("calendar-feeds/<uuid:feed_id>/replace/", calendar.FeedReplace.as_view(), name="calendar-replace"),
    path("calendar-feeds/<uuid:feed_id>/revoke/", calendar.FeedRevoke.as_view(), name="calendar-revoke"),
    path("waiting-entries/", waiting.WaitingList.as_view(), name="waiting-entries"),
    path(WAITING, waiting.WaitingDetail.as_view(), name="waiting-entry"),
    path(f"{WAITING}withdraw/", waiting.WaitingWithdraw.as_view(), name="waiting-withdraw"),
    path(f"{WAITING}book/", waiting.WaitingBook.as_view(), name="waiting-book"),
    path("sites/<uuid:site_id>/free-times/", waiting.FreeTimes.as_view(), name="free-times"),
    path("sites/<uuid:site_id>/conflicts/", conflicts.Conflicts.as_view(), name="conflicts"),
    path("bookings/<uuid:booking_id>/keep/", conflicts.BookingKeep.as_view(), name="keep"),
]
