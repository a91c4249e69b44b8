"""Questionnaires and the contraindication screen: append-only, so there is nothing to edit, only to correct."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.accounts.permissions import Permission
from clinic.common.api.fields import Instant
from patients.api.contract import (
    KEY_HEADER,
    PatientRoute,
    actor_of,
    checked,
    create_with,
    found_or_404,
    is_for_the_document,
)
from patients.models import Assessment, ContraindicationScreen, LicensedWording
from patients.operations.assessing import correct_assessment, record_assessment
from patients.operations.screening import screen_contraindications
from patients.scoring.contraindications import CURRENT as SCREEN
from patients.scoring.contraindications import Answer
from patients.scoring.registry import CURRENT


class ChoiceOut(serializers.Serializer[Any]):
    value = serializers.IntegerField()
    text = serializers.CharField()


class ItemOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()
    is_scored = serializers.BooleanField()
    loinc = serializers.CharField()
    choices = ChoiceOut(many=True)


class BandOut(serializers.Serializer[Any]):
    low = serializers.IntegerField()
    high = serializers.IntegerField()
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class InstrumentOut(serializers.Serializer[Any]):
    """A questionnaire as it is asked and scored."""

    code = serializers.CharField()
    version = serializers.CharField()
    name = serializers.CharField()
    stem = serializers.CharField()
    recall_days = serializers.IntegerField()
    items = ItemOut(many=True)
    bands = BandOut(many=True)
    source = serializers.CharField()  # type: ignore[assignment]
    licence = serializers.CharField()
    ships_wording = serializers.BooleanField(
        help_text="False: numbers only; the words may stand among the wordings of a site that holds a licence."
    )
    missing_rule = serializers.CharField(
        help_text="When a total stands although items are missing; empty: never."
    )
    lower_is_better = serializers.BooleanField()


class AssessmentOut(serializers.ModelSerializer[Assessment]):
    """A filled-in questionnaire. ``total`` is null unless every scored item is answered."""

    id = serializers.UUIDField(source="public_id")
    instrument = serializers.CharField(source="instrument_code")
    version = serializers.CharField(source="instrument_version")
    answers = serializers.DictField(child=serializers.IntegerField())
    missing = serializers.ListField(child=serializers.CharField())
    taken_by = serializers.StringRelatedField[Any]()
    entered_by = serializers.StringRelatedField[Any]()
    corrects = serializers.UUIDField(source="corrects.public_id", allow_null=True)
    imported_from = serializers.CharField(source="imported_in.system", allow_null=True)
    wording = serializers.UUIDField(
        source="wording.public_id",
        allow_null=True,
        default=None,
        help_text="The licensed words in which it was asked; null: this software's own, or by number.",
    )

    class Meta:
        model = Assessment
        fields = [
            "id",
            "instrument",
            "version",
            "answers",
            "total",
            "band",
            "missing",
            "is_flagged",
            "mode",
            "imported_from",
            "wording",
            "taken_at",
            "taken_by",
            "entered_at",
            "entered_by",
            "corrects",
            "correction_reason",
            "retracted",
        ]


class AnswersIn(serializers.Serializer[Any]):
    """Numbers by item code; a blank item is left out or null."""

    answers = serializers.DictField(
        child=serializers.IntegerField(allow_null=True, min_value=0, max_value=99)
    )
    taken_at = Instant(allow_null=True, default=None)


class AssessmentIn(AnswersIn):
    """A filled-in questionnaire."""

    instrument = serializers.ChoiceField(choices=sorted(CURRENT))
    version = serializers.CharField(allow_blank=True, default="", max_length=20)
    mode = serializers.ChoiceField(choices=Assessment.Mode.typed(), default=Assessment.Mode.PAPER)
    wording = serializers.UUIDField(
        allow_null=True,
        default=None,
        help_text="The licensed words in which it was asked; names the version.",
    )


class CorrectionIn(serializers.Serializer[Any]):
    """All answers as they should have been; null retracts the entry and nothing takes its place."""

    answers = serializers.DictField(
        child=serializers.IntegerField(allow_null=True, min_value=0, max_value=99), allow_null=True
    )
    taken_at = Instant(allow_null=True, default=None)
    reason = serializers.CharField(max_length=2000)


class AssessmentFilter(filters.FilterSet):
    """By questionnaire; ``current`` leaves out what was corrected or retracted."""

    instrument = filters.ChoiceFilter(
        field_name="instrument_code", choices=[(code, code) for code in sorted(CURRENT)]
    )
    current = filters.BooleanFilter(method="standing", label="What stands")

    def standing(self, queryset: Any, name: str, value: bool) -> Any:
        return queryset.current() if value else queryset


class Instruments(APIView):
    """The questionnaires that can be recorded."""

    @extend_schema(responses=InstrumentOut(many=True))
    def get(self, request: Request) -> Response:
        """Wording, answers and bands of each."""
        return Response(InstrumentOut(list(CURRENT.values()), many=True).data)


class AssessmentRoute(PatientRoute, GenericAPIView[Assessment]):
    """A route of one patient's questionnaires."""

    serializer_class = AssessmentOut
    filterset_class = AssessmentFilter

    def get_queryset(self) -> QuerySet[Assessment]:
        if is_for_the_document(self):
            return Assessment.objects.none()
        mine = Assessment.objects.for_user(actor_of(self.request))
        found: QuerySet[Assessment] = mine.filter(patient__public_id=self.kwargs["patient_id"])
        return found.select_related("taken_by", "entered_by", "corrects", "patient", "imported_in", "wording")

    def show(self, assessment: Assessment) -> dict[str, Any]:
        return AssessmentOut(assessment).data


class AssessmentList(ListModelMixin, AssessmentRoute):
    """A patient's questionnaires, the latest first."""

    def get(self, request: Request, patient_id: Any) -> Response:
        """Every entry, with the corrections that name it."""
        self.patient()
        return self.list(request)

    @extend_schema(request=AssessmentIn, responses={201: AssessmentOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, patient_id: Any) -> Response:
        """Record a filled-in questionnaire, complete or not."""
        patient = self.patient(Permission.RECORD_SCORES)
        data = checked(AssessmentIn(data=request.data))
        if data["wording"] is not None:
            words = LicensedWording.objects.for_user(actor_of(request))
            data["wording"] = found_or_404(words, data["wording"])
        return create_with(
            request, record_assessment, rows=self.get_queryset, show=self.show, patient=patient, **data
        )


class AssessmentCorrect(AssessmentRoute):
    """Correcting a questionnaire."""

    @extend_schema(request=CorrectionIn, responses={201: AssessmentOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, patient_id: Any, assessment_id: Any) -> Response:
        """Put a right entry beside a wrong one, or retract it."""
        wrong = found_or_404(self.get_queryset(), assessment_id)
        data = checked(CorrectionIn(data=request.data))
        return create_with(
            request, correct_assessment, rows=self.get_queryset, show=self.show, assessment=wrong, **data
        )


class QuestionOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()


class ScreenListOut(serializers.Serializer[Any]):
    """The questions of the contraindication screen."""

    code = serializers.CharField()
    version = serializers.CharField()
    name = serializers.CharField()
    questions = QuestionOut(many=True)
    source = serializers.CharField()  # type: ignore[assignment]


class ScreenAnswer(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(choices=[answer.value for answer in Answer])
    note = serializers.CharField(allow_blank=True, default="", max_length=500)


class ScreenOut(serializers.ModelSerializer[ContraindicationScreen]):
    """One pass through the contraindications."""

    id = serializers.UUIDField(source="public_id")
    answers = serializers.DictField(child=ScreenAnswer())
    taken_by = serializers.StringRelatedField[Any]()
    entered_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = ContraindicationScreen
        fields = [
            "id",
            "list_code",
            "list_version",
            "answers",
            "taken_at",
            "taken_by",
            "entered_at",
            "entered_by",
        ]


class ScreenIn(serializers.Serializer[Any]):
    """An answer to every question of the current list, by its code."""

    answers = serializers.DictField(child=ScreenAnswer())
    taken_at = Instant(allow_null=True, default=None)


class ContraindicationQuestions(APIView):
    """The list that is asked today."""

    @extend_schema(responses=ScreenListOut)
    def get(self, request: Request) -> Response:
        """The questions in their order."""
        return Response(ScreenListOut(SCREEN).data)


class ContraindicationScreens(PatientRoute, ListModelMixin, GenericAPIView[ContraindicationScreen]):
    """A patient's screens, the latest first; the latest counts."""

    serializer_class = ScreenOut

    def get_queryset(self) -> QuerySet[ContraindicationScreen]:
        if is_for_the_document(self):
            return ContraindicationScreen.objects.none()
        mine = ContraindicationScreen.objects.for_user(actor_of(self.request))
        found: QuerySet[ContraindicationScreen] = mine.filter(patient__public_id=self.kwargs["patient_id"])
        return found.select_related("taken_by", "entered_by")

    def get(self, request: Request, patient_id: Any) -> Response:
        """Every pass."""
        self.patient()
        return self.list(request)

    @extend_schema(request=ScreenIn, responses={201: ScreenOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, patient_id: Any) -> Response:
        """Record one pass through the current list."""
        patient = self.patient(Permission.EDIT_PATIENTS)
        data = checked(ScreenIn(data=request.data))
        return create_with(
            request,
            screen_contraindications,
            rows=self.get_queryset,
            show=lambda screen: ScreenOut(screen).data,
            patient=patient,
            **data,
        )
