from sessions.models.alert import Alert, AlertChannelTest, AlertEntry
from sessions.models.baseline_choice import BaselineChoice
from sessions.models.booking import Booking
from sessions.models.calendar_feed import CalendarFeed
from sessions.models.call_attempt import CallAttempt
from sessions.models.chair_stay import ChairStay
from sessions.models.check_decision import CheckDecision, DecisionRequest
from sessions.models.check_in import CheckAnswer
from sessions.models.choices import CancelCode, StopCode
from sessions.models.course import Course
from sessions.models.day_list import DayListAnswer
from sessions.models.discharge import DischargeAssessment
from sessions.models.dose import DoseConfirmation, WeightMeasurement
from sessions.models.dose_check import DoseCheck
from sessions.models.effect_review import SideEffectNarrative, SideEffectReview
from sessions.models.emergency import EmergencyStep
from sessions.models.episode import CoursePhase, OutcomeBaseline, OutsideInfusion
from sessions.models.follow_up import FollowUp, FollowUpEntry
from sessions.models.going import EarlyLeaving, ReadyToLeave
from sessions.models.handover import Handover, HandoverSession
from sessions.models.home_check_in import HomeCheckIn
from sessions.models.infusion_event import InfusionEvent
from sessions.models.infusion_session import InfusionSession
from sessions.models.infusion_totals import InfusionTotals
from sessions.models.iv_access import IVAccess, IVRemoval
from sessions.models.late_effect import LateEffect
from sessions.models.medication_given import MedicationEffect, MedicationGiven
from sessions.models.medicine_order import DoseUnit, MedicineOrder, OrderAnswer, Route, StandingOrder
from sessions.models.note import Note
from sessions.models.patient_limit import PatientLimit, PatientLimitRevocation
from sessions.models.patient_wish import PatientWish
from sessions.models.preparation import DrugUse, Preparation, WasteWitness
from sessions.models.presence import Presence
from sessions.models.protocol import Protocol, ProtocolVersion, WeightBasis
from sessions.models.quick_phrase import QuickPhrase
from sessions.models.readiness import ReadinessAnswer
from sessions.models.reading_not_done import ReadingNotDone
from sessions.models.reevaluation import Reevaluation
from sessions.models.reminder import Reminder, ReminderText
from sessions.models.responsible_prescriber import ResponsiblePrescriber
from sessions.models.side_effect import SideEffect, SideEffectEntry, SideEffectInquiry
from sessions.models.signature import Addendum, Signature
from sessions.models.status_change import Departure, StatusChange
from sessions.models.tablet_contact import TabletContact
from sessions.models.vitals import VitalSigns
from sessions.models.waiting import WaitingEntry
from sessions.models.wall_screen import WallScreen

__all__ = [
    "CoursePhase",
    "OutcomeBaseline",
    "OutsideInfusion",
    "DoseCheck",
    "MedicationEffect",
    "MedicationGiven",
    "DoseUnit",
    "MedicineOrder",
    "OrderAnswer",
    "Route",
    "StandingOrder",
    "DrugUse",
    "Preparation",
    "WasteWitness",
    "WeightBasis",
    "ResponsiblePrescriber",
    "Addendum",
    "Alert",
    "AlertChannelTest",
    "AlertEntry",
    "BaselineChoice",
    "Booking",
    "CalendarFeed",
    "CallAttempt",
    "CancelCode",
    "ChairStay",
    "CheckAnswer",
    "CheckDecision",
    "Course",
    "DayListAnswer",
    "DecisionRequest",
    "Departure",
    "DischargeAssessment",
    "DoseConfirmation",
    "EarlyLeaving",
    "EmergencyStep",
    "FollowUp",
    "FollowUpEntry",
    "Handover",
    "HandoverSession",
    "HomeCheckIn",
    "InfusionEvent",
    "IVAccess",
    "IVRemoval",
    "InfusionSession",
    "LateEffect",
    "InfusionTotals",
    "Note",
    "Presence",
    "PatientLimit",
    "PatientLimitRevocation",
    "PatientWish",
    "Protocol",
    "ProtocolVersion",
    "QuickPhrase",
    "ReadinessAnswer",
    "ReadyToLeave",
    "ReadingNotDone",
    "Reevaluation",
    "Reminder",
    "ReminderText",
    "SideEffect",
    "SideEffectEntry",
    "SideEffectInquiry",
    "SideEffectNarrative",
    "SideEffectReview",
    "Signature",
    "StatusChange",
    "StopCode",
    "TabletContact",
    "VitalSigns",
    "WaitingEntry",
    "WallScreen",
    "WeightMeasurement",
]
