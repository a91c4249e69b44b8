"""What is seen while the patient is here: vital signs, notes, side effects, and the true times of the infusion."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sessions.api.contract import KEY_HEADER, checked
from sessions.api.facts import FactList, FactRoute
from sessions.api.serializers.facts import (
    EventCorrectionIn,
    InfusionEventOut,
    InquiryIn,
    InquiryOut,
    NoteCorrectionIn,
    NoteIn,
    NoteOut,
    RetractionIn,
    SideEffectEntryIn,
    SideEffectEntryOut,
    SideEffectIn,
    SideEffectOut,
    VitalSignsCorrectionIn,
    VitalSignsIn,
    VitalSignsOut,
)
from sessions.models import InfusionEvent, Note, SideEffect, SideEffectEntry, SideEffectInquiry, VitalSigns
from sessions.operations.monitoring import (
    ask_about_side_effects,
    correct_note,
    correct_vital_signs,
    record_vital_signs,
    report_side_effect,
    retract_vital_signs,
    update_side_effect,
    write_note,
)
from sessions.operations.running import correct_event

BESIDE = ("taken_at", "confirmed", "reason")


def measured(data: dict[str, Any]) -> dict[str, Any]:
    """The body of a reading as the operation takes it: the values apart from what is said about them."""
    beside: dict[str, Any] = {name: data.pop(name) for name in BESIDE if name in data}
    return {"values": data, **beside}


class VitalSignsRoute(FactRoute):
    model = VitalSigns
    serializer_class = VitalSignsOut


class VitalSignsList(FactList, VitalSignsRoute):
    """The readings of a session."""

    @extend_schema(request=VitalSignsIn, responses={201: VitalSignsOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Record one set of vital signs."""
        session, data = self.session(), checked(VitalSignsIn(data=request.data))
        return self.write(record_vital_signs, session=session, **measured(data))


class VitalSignsCorrect(VitalSignsRoute):
    """A reading put right."""

    @extend_schema(request=VitalSignsCorrectionIn, responses={201: VitalSignsOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Replace a reading by the whole set as it should have been; the first stays beside it."""
        reading, data = self.fact(), checked(VitalSignsCorrectionIn(data=request.data))
        return self.write(correct_vital_signs, reading=reading, **measured(data))


class VitalSignsRetract(VitalSignsRoute):
    """A reading struck."""

    @extend_schema(request=RetractionIn, responses={201: VitalSignsOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Strike a reading that was entered in error; it stays visible."""
        reading, data = self.fact(), checked(RetractionIn(data=request.data))
        return self.write(retract_vital_signs, reading=reading, **data)


class NoteRoute(FactRoute):
    model = Note
    serializer_class = NoteOut


class NoteList(FactList, NoteRoute):
    """The notes on a session."""

    @extend_schema(request=NoteIn, responses={201: NoteOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Write a note."""
        session, data = self.session(), checked(NoteIn(data=request.data))
        return self.write(write_note, session=session, **data)


class NoteCorrect(NoteRoute):
    """A note put right."""

    @extend_schema(request=NoteCorrectionIn, responses={201: NoteOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Replace a note; the first stays beside it."""
        note, data = self.fact(), checked(NoteCorrectionIn(data=request.data))
        return self.write(correct_note, note=note, **data)


class SideEffectRoute(FactRoute):
    model = SideEffect
    serializer_class = SideEffectOut

    def named(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.prefetch_related("entries__taken_by", "entries__entered_by")


class SideEffectList(FactList, SideEffectRoute):
    """The side effects of a session, each with everything seen of it."""

    @extend_schema(request=SideEffectIn, responses={201: SideEffectOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Report a side effect with its first entry."""
        session, data = self.session(), checked(SideEffectIn(data=request.data))
        return self.write(report_side_effect, session=session, **data)


class SideEffectEntries(FactRoute):
    """What becomes of a side effect."""

    model = SideEffectEntry
    serializer_class = SideEffectEntryOut

    @extend_schema(request=SideEffectEntryIn, responses={201: SideEffectEntryOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Say what has become of a side effect; the last entry stands."""
        effect, data = self.fact_of(SideEffect), checked(SideEffectEntryIn(data=request.data))
        return self.write(update_side_effect, side_effect=effect, **data)


class SideEffectInquiries(FactList):
    """When the patient was asked about side effects and had none."""

    model = SideEffectInquiry
    serializer_class = InquiryOut

    @extend_schema(request=InquiryIn, responses={201: InquiryOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Record that the patient was asked about side effects and has none."""
        session, data = self.session(), checked(InquiryIn(data=request.data))
        return self.write(ask_about_side_effects, session=session, **data)


class EventCorrect(FactRoute):
    """Start, pause, resume or end at its true time."""

    model = InfusionEvent
    serializer_class = InfusionEventOut

    @extend_schema(request=EventCorrectionIn, responses={201: InfusionEventOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Put an event at its true time; minutes, milligrams and status follow."""
        event, data = self.fact(), checked(EventCorrectionIn(data=request.data))
        return self.write(correct_event, event=event, **data)
