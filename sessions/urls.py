"""Addresses of the floor of sessions. Everything about a session stands below its own id."""

from django.urls import path

from sessions.views import (
    board,
    booking,
    chairside,
    checking,
    corrections,
    courses,
    lists,
    monitoring,
    overview,
    panels,
    planning,
    protocols,
    series,
    signing,
    transitions,
    visits,
)

app_name = "sessions"

ONE = "sessions/<uuid:session_id>/"

urlpatterns = [
    path("", board.today, name="today"),
    path("today/rows/", board.rows, name="today-rows"),
    path("overview/", overview.overview, name="overview"),
    path("sessions/", lists.sessions, name="list"),
    path(ONE, chairside.session, name="session"),
    path(f"{ONE}vital-signs/", monitoring.vital_signs, name="vital-signs"),
    path(f"{ONE}notes/", monitoring.note, name="note"),
    path(f"{ONE}side-effects/", monitoring.side_effect, name="side-effect"),
    path(f"{ONE}side-effects/<uuid:effect_id>/", monitoring.side_effect_update, name="side-effect-update"),
    path(f"{ONE}side-effect-inquiries/", monitoring.asked, name="asked"),
    path(f"{ONE}check-answers/", checking.answer, name="check-answer"),
    path(f"{ONE}weights/", checking.weight, name="weight"),
    path(f"{ONE}dose/", checking.dose, name="dose"),
    path(f"{ONE}discharge-assessments/", checking.discharge_assessment, name="discharge-assessment"),
    path(f"{ONE}sign/", signing.sign, name="sign"),
    path(f"{ONE}review/", signing.review, name="review"),
    path(f"{ONE}addenda/", signing.addendum, name="addendum"),
    path(f"{ONE}vital-signs/<uuid:fact_id>/correct/", corrections.vital_signs, name="vital-signs-correct"),
    path(
        f"{ONE}vital-signs/<uuid:fact_id>/retract/",
        corrections.retract_vital_signs,
        name="vital-signs-retract",
    ),
    path(f"{ONE}notes/<uuid:fact_id>/correct/", corrections.note, name="note-correct"),
    path(f"{ONE}events/<uuid:fact_id>/correct/", corrections.event, name="event-correct"),
    path(f"{ONE}move/", booking.move, name="move"),
    path(f"{ONE}chair/", visits.chair, name="chair"),
    path(f"{ONE}cancel/", visits.cancel, name="cancel"),
    path(f"{ONE}no-show/", visits.no_show, name="no-show"),
    path("courses/<uuid:course_id>/", courses.course, name="course"),
    path("courses/<uuid:course_id>/book/", booking.book, name="book"),
    path("courses/<uuid:course_id>/plan/", series.plan, name="plan"),
    path("courses/<uuid:course_id>/plan/wishes/", series.wishes, name="plan-wishes"),
    path(f"{ONE}replan/", series.replan, name="replan"),
    path("courses/<uuid:course_id>/consent/", planning.consent, name="attach-consent"),
    path("courses/<uuid:course_id>/close/", planning.close, name="close-course"),
    path("order/<uuid:patient_id>/", planning.order, name="order"),
    path("patient-panels/<uuid:patient_id>/", panels.patient, name="patient-panel"),
    path("protocols/", protocols.protocols, name="protocols"),
    path("protocols/new/", protocols.new, name="new-protocol"),
    path("protocols/<uuid:protocol_id>/", protocols.protocol, name="protocol"),
    path("protocols/<uuid:protocol_id>/draft/", protocols.draft, name="draft-version"),
    path("protocols/versions/<uuid:version_id>/", protocols.version, name="version"),
    path("protocols/versions/<uuid:version_id>/edit/", protocols.edit, name="edit-version"),
    path("protocols/versions/<uuid:version_id>/approve/", protocols.approve, name="approve-version"),
    # After every other address of a session: an action's name is the last part.
    path(f"{ONE}<slug:action>/", transitions.act, name="act"),
]
