from sessions.models.booking import Booking
from sessions.models.chair_stay import ChairStay
from sessions.models.check_in import CheckAnswer
from sessions.models.course import Course
from sessions.models.discharge import DischargeAssessment
from sessions.models.dose import DoseConfirmation, WeightMeasurement
from sessions.models.infusion_event import InfusionEvent
from sessions.models.infusion_session import InfusionSession
from sessions.models.note import Note
from sessions.models.protocol import Protocol, ProtocolVersion
from sessions.models.side_effect import SideEffect, SideEffectEntry, SideEffectInquiry
from sessions.models.signature import Addendum, Signature
from sessions.models.status_change import Departure, StatusChange
from sessions.models.vitals import VitalSigns

__all__ = [
    "Addendum",
    "Booking",
    "ChairStay",
    "CheckAnswer",
    "Course",
    "Departure",
    "DischargeAssessment",
    "DoseConfirmation",
    "InfusionEvent",
    "InfusionSession",
    "Note",
    "Protocol",
    "ProtocolVersion",
    "SideEffect",
    "SideEffectEntry",
    "SideEffectInquiry",
    "Signature",
    "StatusChange",
    "VitalSigns",
    "WeightMeasurement",
]
