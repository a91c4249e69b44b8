from django.urls import path

from patients.views import (
    answer_cover,
    assessing,
    consenting,
    entries,
    importing,
    one_time_links,
    record,
    registering,
    screening,
    searching,
    suicide_reviews,
    wordings,
)

app_name = "patients"

PATIENT = "<uuid:patient_id>/"
LIST = f"{PATIENT}lists/<slug:kind>/"
ENTRY = f"{LIST}<uuid:entry_id>/"
CONSENT = f"{PATIENT}consents/<uuid:consent_id>/"
ASSESSMENT = f"{PATIENT}assessments/<uuid:assessment_id>/"
IMPORT = "imports/<uuid:import_id>/"
WORDING = "wordings/<uuid:wording_id>/"
REVIEW = "suicide-reviews/<uuid:review_id>/"

urlpatterns = [
    path("", searching.patient_list, name="list"),
    path("search/", searching.search, name="search"),
    path("register/", registering.register, name="register"),
    path("imports/", importing.imports, name="imports"),
    path("imports/upload/", importing.upload, name="import-upload"),
    path("imports/scores/upload/", importing.upload, {"kind": "scores"}, name="import-upload-scores"),
    path(IMPORT, importing.batch, name="import"),
    path(f"{IMPORT}columns/", importing.columns, name="import-columns"),
    path(f"{IMPORT}choose/", importing.choose, name="import-choose"),
    path(f"{IMPORT}start/", importing.start, name="import-start"),
    path(f"{IMPORT}next/", importing.go_on, name="import-next"),
    path(f"{IMPORT}discard/", importing.discard, name="import-discard"),
    path("wordings/", wordings.wordings, name="wordings"),
    path("wordings/enter/<slug:instrument>/", wordings.enter, name="enter-wording"),
    path(WORDING, wordings.wording, name="wording"),
    path(f"{WORDING}approve/", wordings.approve, name="approve-wording"),
    path(f"{WORDING}withdraw/", wordings.withdraw, name="withdraw-wording"),
    path("suicide-reviews/", suicide_reviews.reviews, name="suicide-reviews"),
    path("answer-cover/", answer_cover.covers, name="answer-cover"),
    path("answer-cover/<uuid:cover_id>/take-back/", answer_cover.take_back, name="answer-cover-take-back"),
    path("suicide-reviews/count/", suicide_reviews.count, name="suicide-reviews-count"),
    path(REVIEW, suicide_reviews.review, name="suicide-review"),
    path(f"{REVIEW}confirm/", suicide_reviews.confirm, name="suicide-review-confirm"),
    path(f"{REVIEW}note/", suicide_reviews.note, name="suicide-review-note"),
    path(f"{REVIEW}assign/", suicide_reviews.assign, name="suicide-review-assign"),
    path(f"{REVIEW}close/", suicide_reviews.close, name="suicide-review-close"),
    path(f"{PATIENT}safety-plan/", suicide_reviews.safety_plan, name="safety-plan"),
    path(PATIENT, record.detail, name="detail"),
    path(f"{PATIENT}edit/", registering.edit, name="edit"),
    path(f"{PATIENT}death/", registering.death, name="death"),
    path(f"{PATIENT}no-known-allergies/", entries.no_known_allergies, name="no-known-allergies"),
    path(f"{LIST}add/", entries.add, name="add-entry"),
    path(f"{ENTRY}edit/", entries.edit, name="edit-entry"),
    path(f"{ENTRY}end/", entries.end, name="end-entry"),
    path(f"{PATIENT}screen/", screening.screen, name="screen"),
    path(f"{PATIENT}consents/record/", consenting.record, name="record-consent"),
    path(CONSENT, consenting.consent, name="consent"),
    path(f"{CONSENT}revoke/", consenting.revoke, name="revoke-consent"),
    path(f"{PATIENT}ask/", one_time_links.ask, name="ask"),
    path(f"{PATIENT}links/<uuid:link_id>/revoke/", one_time_links.revoke, name="revoke-link"),
    path(f"{PATIENT}assess/<slug:instrument>/", assessing.assess, name="assess"),
    path(ASSESSMENT, assessing.assessment, name="assessment"),
    path(f"{ASSESSMENT}correct/", assessing.correct, name="correct-assessment"),
]
