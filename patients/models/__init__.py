from patients.models.allergy import Allergy, AllergyStatus, NoKnownAllergies, allergies_of, allergy_status
from patients.models.answer_cover import AnswerCover
from patients.models.antidepressant_trial import AntidepressantTrial
from patients.models.assessment import Assessment
from patients.models.authorization import Authorization
from patients.models.consent import Consent, ConsentDocument, ConsentEvent
from patients.models.contact import Contact
from patients.models.contraindication_screen import ContraindicationScreen
from patients.models.diagnosis import Diagnosis
from patients.models.entry import RecordEntry
from patients.models.import_batch import ImportBatch, ImportRow
from patients.models.licensed_wording import LicensedWording, WordingStep
from patients.models.medication import Medication
from patients.models.one_time_link import LinkAnswer, OneTimeLink
from patients.models.patient import Channel, Patient
from patients.models.referring_clinician import ReferringClinician
from patients.models.registration import Identifier, Registration
from patients.models.review_step import ReviewStep
from patients.models.suicide_review import SafetyPlan, SuicideReview, SuicideReviewEntry

__all__ = [
    "Allergy",
    "AllergyStatus",
    "AnswerCover",
    "AntidepressantTrial",
    "Assessment",
    "Authorization",
    "Channel",
    "Consent",
    "ConsentDocument",
    "ConsentEvent",
    "Contact",
    "ContraindicationScreen",
    "Diagnosis",
    "Identifier",
    "ImportBatch",
    "ImportRow",
    "LicensedWording",
    "LinkAnswer",
    "Medication",
    "NoKnownAllergies",
    "OneTimeLink",
    "Patient",
    "RecordEntry",
    "ReferringClinician",
    "Registration",
    "ReviewStep",
    "SafetyPlan",
    "SuicideReview",
    "SuicideReviewEntry",
    "WordingStep",
    "allergies_of",
    "allergy_status",
]
