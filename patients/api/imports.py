"""Importing a file: staged, mapped, looked at, confirmed, and run chunk by chunk."""

import hashlib
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.common.api.parsers import StrictJSONParser
from clinic.common.errors import Invalid, Problem
from clinic.facilities.api.sites import site_named
from patients.api.contract import (
    KEY_HEADER,
    actor_of,
    answer,
    checked,
    found_or_404,
    is_for_the_document,
    write_once,
)
from patients.models import Assessment, ImportBatch, ImportRow
from patients.operations.importing import (
    choose_rows,
    discard_import,
    map_columns,
    run_next_chunk,
    stage_import,
    start_import,
)
from patients.reading.dates import DateOrder
from patients.reading.table import ENCODINGS, MAX_BYTES, too_big
from patients.reading.verdicts import Verdict, sentence


class CountsOut(serializers.Serializer[Any]):
    """Rows by verdict."""

    new = serializers.IntegerField()
    known_elsewhere = serializers.IntegerField()
    already_here = serializers.IntegerField()
    possible_duplicate = serializers.IntegerField()
    refused = serializers.IntegerField()
    total = serializers.IntegerField()


class ProgressOut(serializers.Serializer[Any]):
    """How far a running import has come."""

    done = serializers.IntegerField()
    total = serializers.IntegerField()


class ImportOut(serializers.ModelSerializer[ImportBatch]):
    """One file and what was decided about it."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.UUIDField(source="site.public_id")
    kind = serializers.ChoiceField(choices=ImportBatch.Kind.choices)
    columns = serializers.ListField(child=serializers.CharField())
    mapping = serializers.DictField(child=serializers.CharField())
    counts = CountsOut()
    created_count = serializers.IntegerField()
    progress = ProgressOut(source="job", allow_null=True)

    class Meta:
        model = ImportBatch
        fields = [
            "id",
            "site",
            "kind",
            "state",
            "file_name",
            "encoding",
            "delimiter",
            "columns",
            "mapping",
            "system",
            "other_system",
            "date_order",
            "taken_on",
            "staged_at",
            "counts",
            "created_count",
            "progress",
        ]


class ImportListed(serializers.ModelSerializer[ImportBatch]):
    """One file in the list of imports."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.UUIDField(source="site.public_id")
    kind = serializers.ChoiceField(choices=ImportBatch.Kind.choices)

    class Meta:
        model = ImportBatch
        fields = ["id", "site", "kind", "state", "file_name", "system", "staged_at"]


class ImportIn(serializers.Serializer[Any]):
    """A CSV file with a header line: as ``file`` of a form, or as ``content`` in JSON."""

    site = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ImportBatch.Kind.choices, default=ImportBatch.Kind.PATIENTS)
    file = serializers.FileField(required=False, allow_empty_file=True)
    content = serializers.CharField(required=False, trim_whitespace=False)
    file_name = serializers.CharField(max_length=200, default="", allow_blank=True)
    encoding = serializers.ChoiceField(choices=list(ENCODINGS), default="", allow_blank=True)


class MappingIn(serializers.Serializer[Any]):
    """Which column holds which field, and under which name the other system's ids are kept."""

    mapping = serializers.DictField(child=serializers.CharField(max_length=100))
    system = serializers.CharField(max_length=80, default="", allow_blank=True)
    other_system = serializers.CharField(max_length=80, default="", allow_blank=True)
    date_order = serializers.ChoiceField(
        choices=[order.value for order in DateOrder], default="", allow_blank=True
    )
    taken_on = serializers.DateField(
        default=None,
        allow_null=True,
        help_text="Of past scores: the one day of all rows where no column holds it.",
    )


class ChoiceIn(serializers.Serializer[Any]):
    """Lines that are other people, among the lines that were looked at."""

    chosen = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=1000)
    among = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=1000)


class ReasonOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class RowOut(serializers.ModelSerializer[ImportRow]):
    """A row with its verdict; the cells are gone when the import is done."""

    cells = serializers.ListField(child=serializers.CharField())
    reasons = serializers.SerializerMethodField()

    class Meta:
        model = ImportRow
        fields = ["line", "cells", "verdict", "reasons", "is_chosen", "created"]

    @extend_schema_field(ReasonOut(many=True))
    def get_reasons(self, row: ImportRow) -> list[dict[str, str]]:
        return [{"code": code.partition(":")[0], "detail": sentence(code)} for code in row.reasons]


class RowFilter(filters.FilterSet):
    """By verdict."""

    verdict = filters.ChoiceFilter(choices=[(verdict.value, verdict.value) for verdict in Verdict])


class ImportRoute(GenericAPIView[ImportBatch]):
    """A route of the imports of sites where the caller may import."""

    serializer_class = ImportOut

    def get_queryset(self) -> QuerySet[ImportBatch]:
        if is_for_the_document(self):
            return ImportBatch.objects.none()
        return ImportBatch.objects.for_user(actor_of(self.request)).select_related("site", "job")

    def batch(self) -> ImportBatch:
        found: ImportBatch = found_or_404(self.get_queryset(), self.kwargs["import_id"])
        return found

    def show(self, batch: ImportBatch) -> dict[str, Any]:
        return ImportOut(self.get_queryset().get(pk=batch.pk)).data

    def step(self, request: Request, operation: Any, **arguments: Any) -> Response:
        """One step of a batch, done once however often it is sent."""
        batch = self.batch()
        return write_once(
            request,
            do=lambda key, now: operation(batch=batch, by=actor_of(request), now=now, **arguments),
            again=lambda key: batch,
            show=self.show,
            created=False,
        )


class ImportList(ListModelMixin, ImportRoute):
    """Files that were imported, or are on their way."""

    serializer_class = ImportListed  # type: ignore[assignment]
    parser_classes = [StrictJSONParser, MultiPartParser]

    def get(self, request: Request) -> Response:
        """The latest first."""
        return self.list(request)

    @extend_schema(request=ImportIn, responses={201: ImportOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Read a file of patients, or of past scores, into staging. Nothing is taken in yet."""
        data = checked(ImportIn(data=request.data))
        site, content = site_named(request, data["site"]), _content(data)
        upload = data.get("file")
        name = data["file_name"] or (upload.name if upload else "")
        return write_once(
            request,
            do=lambda key, now: stage_import(
                site=site,
                content=content,
                file_name=name,
                encoding=data["encoding"],
                kind=data["kind"],
                by=actor_of(request),
                public_id=key,
                now=now,
            ),
            again=lambda key: self.get_queryset().get(public_id=key),
            show=self.show,
            body={"site": site.public_id, "kind": data["kind"], "file": hashlib.sha256(content).hexdigest()},
        )


def _content(data: dict[str, Any]) -> bytes:
    upload = data.get("file")
    if upload is not None:
        if upload.size > MAX_BYTES:
            raise too_big()
        content: bytes = upload.read()
        return content
    if not data.get("content"):
        raise Invalid({"file": Problem("import.file_missing", _("Send a file, or its text as content."))})
    return str(data["content"]).encode()


class ImportDetail(ImportRoute):
    """One import."""

    def get(self, request: Request, import_id: Any) -> Response:
        """How far it has come."""
        return answer(self.batch(), self.show)


class ImportColumns(ImportRoute):
    """What the columns mean."""

    @extend_schema(request=MappingIn, responses=ImportOut, parameters=[KEY_HEADER])
    def post(self, request: Request, import_id: Any) -> Response:
        """Map the columns and judge every row; it can be done again until the import starts."""
        return self.step(request, map_columns, **checked(MappingIn(data=request.data)))


class ImportRows(ListAPIView[ImportRow]):
    """The preview, and later the verdict lines."""

    serializer_class = RowOut
    filterset_class = RowFilter

    def get_queryset(self) -> QuerySet[ImportRow]:
        if is_for_the_document(self):
            return ImportRow.objects.none()
        batches = ImportBatch.objects.for_user(actor_of(self.request))
        batch = found_or_404(batches, self.kwargs["import_id"])
        rows: QuerySet[ImportRow] = batch.rows.order_by("line")
        return rows


class ScoreOut(serializers.ModelSerializer[Assessment]):
    """A score that an import has recorded."""

    id = serializers.UUIDField(source="public_id")
    patient = serializers.UUIDField(source="patient.public_id")
    instrument = serializers.CharField(source="instrument_code")
    has_review = serializers.SerializerMethodField(
        help_text="Whether it opened a review of an answer on suicide."
    )

    class Meta:
        model = Assessment
        fields = ["id", "patient", "instrument", "taken_at", "total", "band", "is_flagged", "has_review"]

    def get_has_review(self, score: Assessment) -> bool:
        return bool(score.suicide_reviews.all())


class ScoreFilter(filters.FilterSet):
    """``is_flagged``: those with an answer that a clinician must look at."""

    is_flagged = filters.BooleanFilter()


class ImportScores(ListAPIView[Assessment]):
    """What an import of past scores has recorded, the latest score first."""

    serializer_class = ScoreOut
    filterset_class = ScoreFilter

    def get_queryset(self) -> QuerySet[Assessment]:
        if is_for_the_document(self):
            return Assessment.objects.none()
        actor = actor_of(self.request)
        batch = found_or_404(ImportBatch.objects.for_user(actor), self.kwargs["import_id"])
        rows: QuerySet[Assessment] = Assessment.objects.for_user(actor).filter(
            imported_in=batch, corrects=None
        )
        return rows.select_related("patient").prefetch_related("suicide_reviews").order_by("-taken_at", "-pk")


class ImportChoice(ImportRoute):
    """Possible duplicates that are other people, or scores of their own."""

    @extend_schema(request=ChoiceIn, responses=ImportOut, parameters=[KEY_HEADER])
    def post(self, request: Request, import_id: Any) -> Response:
        """Say which lines shall come in although they may be duplicates."""
        return self.step(request, choose_rows, **checked(ChoiceIn(data=request.data)))


class ImportStart(ImportRoute):
    """The confirmation."""

    @extend_schema(request=None, responses=ImportOut, parameters=[KEY_HEADER])
    def post(self, request: Request, import_id: Any) -> Response:
        """Confirm the preview. Then run chunks until nothing is left."""
        return self.step(request, start_import)


class ImportChunk(ImportRoute):
    """The work."""

    @extend_schema(request=None, responses=ImportOut, parameters=[KEY_HEADER])
    def post(self, request: Request, import_id: Any) -> Response:
        """Take in the next 500 rows."""
        return self.step(request, run_next_chunk)


class ImportDiscard(ImportRoute):
    """The change of mind."""

    @extend_schema(request=None, responses=ImportOut, parameters=[KEY_HEADER])
    def post(self, request: Request, import_id: Any) -> Response:
        """Give up an import that has not started; its rows are removed."""
        return self.step(request, discard_import)
