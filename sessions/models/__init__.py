from sessions.models.booking import Booking
from sessions.models.calendar_feed import CalendarFeed
from sessions.models.call_attempt import CallAttempt
from sessions.models.chair_stay import ChairStay
from sessions.models.check_in import CheckAnswer
from sessions.models.choices import CancelCode, StopCode
from sessions.models.course import Course
from sessions.models.discharge import DischargeAssessment
from sessions.models.dose import DoseConfirmation, WeightMeasurement
from sessions.models.handover import Handover, HandoverSession
from sessions.models.infusion_event import InfusionEvent
from sessions.models.infusion_session import InfusionSession
from sessions.models.note import Note
from sessions.models.protocol import Protocol, ProtocolVersion
from sessions.models.readiness import ReadinessAnswer
from sessions.models.reevaluation import Reevaluation
from sessions.models.reminder import Reminder, ReminderText
from sessions.models.side_effect import SideEffect, SideEffectEntry, SideEffectInquiry
from sessions.models.signature import Addendum, Signature
from sessions.models.status_change import Departure, StatusChange
from sessions.models.vitals import VitalSigns
from sessions.models.waiting import WaitingEntry
from sessions.models.wall_screen import WallScreen

__all__ = [
    "Addendum",
    "Booking",
    "CalendarFeed",
    "CallAttempt",
    "CancelCode",
    "ChairStay",
    "CheckAnswer",
    "Course",
    "Departure",
    "DischargeAssessment",
    "DoseConfirmation",
    "Handover",
    "HandoverSession",
    "InfusionEvent",
    "InfusionSession",
    "Note",
    "Protocol",
    "ProtocolVersion",
    "ReadinessAnswer",
    "Reevaluation",
    "Reminder",
    "ReminderText",
    "SideEffect",
    "SideEffectEntry",
    "SideEffectInquiry",
    "Signature",
    "StatusChange",
    "StopCode",
    "VitalSigns",
    "WaitingEntry",
    "WallScreen",
    "WeightMeasurement",
]
