"""Courses of treatment: ordered, tied to a consent, closed."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.audit.recording import record_access
from clinic.common import clock
from clinic.facilities.models import Site
from patients.models import Consent, Patient
from sessions.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    actor_of,
    answer,
    checked,
    create_with,
    edit_with,
    found_or_404,
    is_for_the_document,
    write_once,
)
from sessions.api.serializers.courses import CloseIn, CourseConsentIn, CourseIn, CourseOut
from sessions.models import Course, ProtocolVersion
from sessions.operations.planning import attach_consent, close_course, order_course


class CourseFilter(filters.FilterSet):
    """By place, by patient, by what has become of it."""

    site = filters.UUIDFilter(field_name="site__public_id")
    patient = filters.UUIDFilter(field_name="patient__public_id")
    state = filters.MultipleChoiceFilter(choices=Course.State.choices)

    class Meta:
        model = Course
        fields: list[str] = []


class CourseRoute(GenericAPIView[Course]):
    """A route of courses within reach."""

    serializer_class: Any = CourseOut
    filterset_class = CourseFilter

    def get_queryset(self) -> QuerySet[Course]:
        if is_for_the_document(self):
            return Course.objects.none()
        mine = Course.objects.for_user(actor_of(self.request))
        return mine.select_related("site", "patient", "protocol_version__protocol", "consent", "ordered_by")

    def course(self) -> Course:
        found: Course = found_or_404(self.get_queryset(), self.kwargs["course_id"])
        return found

    def show(self, course: Course) -> dict[str, Any]:
        shown: dict[str, Any] = self.get_serializer(self.get_queryset().get(pk=course.pk)).data
        return shown


class CourseList(ListModelMixin, CourseRoute):
    """Courses within reach, the latest order first."""

    def get(self, request: Request) -> Response:
        """Courses, closed ones too unless filtered."""
        return self.list(request)

    @extend_schema(request=CourseIn, responses={201: CourseOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Order a course; what is left out is taken from the protocol version."""
        data, by = checked(CourseIn(data=request.data)), actor_of(request)
        named = {
            "patient": Patient.objects.for_user(by),
            "site": Site.objects.for_user(by),
            "protocol_version": ProtocolVersion.objects.for_user(by).select_related("protocol"),
            "consent": Consent.objects.for_user(by),
        }
        data |= {
            name: found_or_404(rows, data[name]) for name, rows in named.items() if data.get(name) is not None
        }
        return create_with(request, order_course, rows=self.get_queryset, show=self.show, **data)


class CourseDetail(CourseRoute):
    """One course."""

    def get(self, request: Request, course_id: Any) -> Response:
        """What was ordered, with the ETag that closing it names; that it was opened is noted."""
        course = self.course()
        record_access(what="course", patient=course.patient, by=actor_of(request), now=clock.now())
        return answer(course, lambda found: CourseOut(found).data)


class CourseClose(CourseRoute):
    """The end of a course."""

    @extend_schema(request=CloseIn, responses=CourseOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, course_id: Any) -> Response:
        """Complete a course, or stop it with a reason."""
        return edit_with(CloseIn, request, close_course, show=self.show, course=self.course())


class CourseConsent(CourseRoute):
    """The consent that a course rests on."""

    @extend_schema(request=CourseConsentIn, responses=CourseOut, parameters=[KEY_HEADER])
    def post(self, request: Request, course_id: Any) -> Response:
        """Tie a consent of the patient to the course, in place of an earlier one."""
        course, by = self.course(), actor_of(request)
        data = checked(CourseConsentIn(data=request.data))
        consent = found_or_404(Consent.objects.for_user(by), data["consent"])
        return write_once(
            request,
            do=lambda key, now: attach_consent(course=course, consent=consent, by=by, now=now),
            again=lambda key: self.course(),
            show=self.show,
            created=False,
        )
