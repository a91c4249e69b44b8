from django.urls import path
from django.urls.resolvers import URLPattern

from patients.api import (
    answer_cover,
    assessments,
    consents,
    entries,
    imports,
    one_time_links,
    patients,
    suicide_reviews,
    wordings,
)

app_name = "patients-api"

PATIENT = "patients/<uuid:patient_id>/"
IMPORT = "imports/<uuid:import_id>/"
REVIEW = "suicide-reviews/<uuid:review_id>/"


def list_routes() -> list[URLPattern]:
    """The same three routes for each list of the record."""
    routes = []
    for name, (model, serializer) in entries.LISTS.items():
        shown = {"model": model, "serializer_class": serializer}
        row = f"{PATIENT}{name}/<uuid:entry_id>/"
        routes += [
            path(f"{PATIENT}{name}/", entries.EntryList.as_view(**shown), name=name),
            path(row, entries.EntryDetail.as_view(**shown), name=f"{name}-row"),
            path(f"{row}end/", entries.EntryEnd.as_view(**shown), name=f"{name}-end"),
        ]
    return routes


urlpatterns = [
    path("patients/", patients.PatientList.as_view(), name="patients"),
    path("patients/search/", patients.PatientSearch.as_view(), name="search"),
    path("patients/duplicates/", patients.DuplicateCheck.as_view(), name="duplicates"),
    path("patients/known/", patients.KnownPatient.as_view(), name="known"),
    path(PATIENT, patients.PatientDetail.as_view(), name="patient"),
    path(f"{PATIENT}death/", patients.Death.as_view(), name="death"),
    path(f"{PATIENT}no-known-allergies/", entries.NoKnownAllergiesRoute.as_view(), name="no-known-allergies"),
    *list_routes(),
    path(f"{PATIENT}consents/", consents.ConsentList.as_view(), name="consents"),
    path(f"{PATIENT}consents/<uuid:consent_id>/", consents.ConsentDetail.as_view(), name="consent"),
    path(f"{PATIENT}consents/<uuid:consent_id>/revoke/", consents.ConsentRevoke.as_view(), name="revoke"),
    path(
        f"{PATIENT}contraindication-screens/", assessments.ContraindicationScreens.as_view(), name="screens"
    ),
    path(f"{PATIENT}assessments/", assessments.AssessmentList.as_view(), name="assessments"),
    path(
        f"{PATIENT}assessments/<uuid:assessment_id>/correct/",
        assessments.AssessmentCorrect.as_view(),
        name="correct",
    ),
    path("sites/<uuid:site_id>/answer-covers/", answer_cover.AnswerCovers.as_view(), name="answer-covers"),
    path(
        "answer-covers/<uuid:cover_id>/take-back/",
        answer_cover.AnswerCoverTakeBack.as_view(),
        name="answer-cover-take-back",
    ),
    path("suicide-reviews/", suicide_reviews.OpenReviews.as_view(), name="suicide-reviews"),
    path(REVIEW, suicide_reviews.ReviewDetail.as_view(), name="suicide-review"),
    path(f"{REVIEW}confirm/", suicide_reviews.ReviewConfirm.as_view(), name="suicide-review-confirm"),
    path(f"{REVIEW}note/", suicide_reviews.ReviewNote.as_view(), name="suicide-review-note"),
    path(f"{REVIEW}assign/", suicide_reviews.ReviewAssign.as_view(), name="suicide-review-assign"),
    path(f"{REVIEW}close/", suicide_reviews.ReviewClose.as_view(), name="suicide-review-close"),
    path(f"{PATIENT}links/", one_time_links.LinkList.as_view(), name="links"),
    path(f"{PATIENT}links/<uuid:link_id>/revoke/", one_time_links.LinkRevoke.as_view(), name="link-revoke"),
    path(f"{PATIENT}safety-plans/", suicide_reviews.SafetyPlans.as_view(), name="safety-plans"),
    path("sites/<uuid:site_id>/wordings/", wordings.SiteWordings.as_view(), name="wordings"),
    path("wordings/<uuid:wording_id>/", wordings.WordingDetail.as_view(), name="wording"),
    path("wordings/<uuid:wording_id>/approve/", wordings.WordingApprove.as_view(), name="wording-approve"),
    path("wordings/<uuid:wording_id>/withdraw/", wordings.WordingWithdraw.as_view(), name="wording-withdraw"),
    path("instruments/", assessments.Instruments.as_view(), name="instruments"),
    path("contraindications/", assessments.ContraindicationQuestions.as_view(), name="contraindications"),
    path("consent-documents/", consents.ConsentDocuments.as_view(), name="consent-documents"),
    path("imports/", imports.ImportList.as_view(), name="imports"),
    path(IMPORT, imports.ImportDetail.as_view(), name="import"),
    path(f"{IMPORT}columns/", imports.ImportColumns.as_view(), name="import-columns"),
    path(f"{IMPORT}rows/", imports.ImportRows.as_view(), name="import-rows"),
    path(f"{IMPORT}scores/", imports.ImportScores.as_view(), name="import-scores"),
    path(f"{IMPORT}choose/", imports.ImportChoice.as_view(), name="import-choose"),
    path(f"{IMPORT}start/", imports.ImportStart.as_view(), name="import-start"),
    path(f"{IMPORT}next/", imports.ImportChunk.as_view(), name="import-next"),
    path(f"{IMPORT}discard/", imports.ImportDiscard.as_view(), name="import-discard"),
]
