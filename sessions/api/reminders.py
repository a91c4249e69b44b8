"""Messages to patients: their texts, the list of what went out, and another try."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.facilities.api.sites import site_named
from patients.models import Channel
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
from sessions.models import Reminder, ReminderText
from sessions.operations.reminder_texts import add_reminder_text, edit_reminder_text
from sessions.operations.reminding import try_again
from sessions.rules.reminding import told_why


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "example": "09:30"})
class WallTime(serializers.TimeField):
    """A time on clocks that nobody has named yet: OpenAPI's own format of times wants an offset."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M"], **kwargs)


class TextOut(serializers.ModelSerializer[ReminderText]):
    """A text of a site, in one language by one channel."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.UUIDField(source="site.public_id")
    send_at = WallTime(help_text="On the patient's clocks.")

    class Meta:
        model = ReminderText
        fields = [
            "id",
            "site",
            "name",
            "language",
            "channel",
            "subject",
            "body",
            "days_before",
            "send_at",
            "is_in_use",
            "revision",
        ]


class TextChangesIn(serializers.Serializer[Any]):
    """The words, with `{first_name} {day} {time} {site} {phone}` to be filled in, and when they go out."""

    subject = serializers.CharField(max_length=150, allow_blank=True)
    body = serializers.CharField(max_length=2000)
    days_before = serializers.IntegerField(min_value=0, max_value=99)
    send_at = WallTime(help_text="On the patient's clocks.")
    is_in_use = serializers.BooleanField()


class TextIn(TextChangesIn):
    """A new text."""

    site = serializers.UUIDField()
    name = serializers.CharField(max_length=80)
    language = serializers.CharField(max_length=10, help_text="Such as en or es.")
    channel = serializers.ChoiceField(choices=Channel.choices)
    subject = serializers.CharField(max_length=150, allow_blank=True, default="")
    is_in_use = serializers.BooleanField(default=True)


class TextFilter(filters.FilterSet):
    """By site, and whether it is in use."""

    site = filters.UUIDFilter(field_name="site__public_id")
    is_in_use = filters.BooleanFilter()

    class Meta:
        model = ReminderText
        fields: list[str] = []


class TextList(ListAPIView[ReminderText]):
    """The texts of the caller's sites, by name."""

    serializer_class = TextOut
    filterset_class = TextFilter

    def get_queryset(self) -> QuerySet[ReminderText]:
        if is_for_the_document(self):
            return ReminderText.objects.none()
        rows = ReminderText.objects.for_user(actor_of(self.request)).select_related("site")
        return rows.order_by("name", "language", "channel", "pk")

    @extend_schema(request=TextIn, responses={201: TextOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Write a text. One that says what the visit is for is refused, with the word and the reason."""
        data = checked(TextIn(data=request.data))
        site = site_named(request, data.pop("site"))
        return create_with(
            request,
            add_reminder_text,
            rows=self.get_queryset,
            show=lambda text: TextOut(text).data,
            site=site,
            content=data,
        )


class TextDetail(APIView):
    """One text."""

    def text(self) -> ReminderText:
        rows = ReminderText.objects.for_user(actor_of(self.request)).select_related("site")
        found: ReminderText = found_or_404(rows, self.kwargs["text_id"])
        return found

    @extend_schema(responses=TextOut)
    def get(self, request: Request, text_id: Any) -> Response:
        """The text, with the ETag that its next edit names."""
        return answer(self.text(), lambda text: TextOut(text).data)

    @extend_schema(request=TextChangesIn(partial=True), responses=TextOut, parameters=[REVISION_HEADER])
    def patch(self, request: Request, text_id: Any) -> Response:
        """Change the words, the time, or whether it is in use. Messages that still wait go out with the new words."""
        return edit_with(
            TextChangesIn,
            request,
            edit_reminder_text,
            show=lambda found: TextOut(found).data,
            as_="changes",
            text=self.text(),
        )


class ReminderOut(serializers.ModelSerializer[Reminder]):
    """One message to one patient about one visit, and what became of it."""

    id = serializers.UUIDField(source="public_id")
    session = serializers.UUIDField(source="session.public_id")
    patient = serializers.UUIDField(source="session.patient.public_id")
    site = serializers.UUIDField(source="session.site.public_id")
    text = serializers.UUIDField(source="text.public_id")
    language = serializers.CharField(source="text.language")
    why_code = serializers.SerializerMethodField(help_text="Stable; empty where there is nothing to say.")
    why = serializers.SerializerMethodField()

    class Meta:
        model = Reminder
        fields = [
            "id",
            "session",
            "patient",
            "site",
            "text",
            "language",
            "channel",
            "subject",
            "body",
            "visit_at",
            "due_at",
            "state",
            "attempts",
            "why_code",
            "why",
            "queued_at",
            "settled_at",
            "revision",
        ]

    @extend_schema_field(serializers.CharField())
    def get_why_code(self, reminder: Reminder) -> str:
        return reminder.why.partition(":")[0]

    @extend_schema_field(serializers.CharField())
    def get_why(self, reminder: Reminder) -> str:
        return told_why(reminder.why) if reminder.why else ""


class ReminderFilter(filters.FilterSet):
    """By state, by the day of the visit at its site, by what it belongs to."""

    site = filters.UUIDFilter(field_name="session__site__public_id")
    state = filters.MultipleChoiceFilter(choices=Reminder.State.choices)
    day = filters.DateFilter(field_name="session__local_date", label="Day of the visit")
    session = filters.UUIDFilter(field_name="session__public_id")
    patient = filters.UUIDFilter(field_name="session__patient__public_id")

    class Meta:
        model = Reminder
        fields: list[str] = []


def _reach(request: Request) -> QuerySet[Reminder]:
    rows = Reminder.objects.for_user(actor_of(request))
    return rows.select_related("session__patient", "session__site", "text")


class ReminderList(ListAPIView[Reminder]):
    """Messages within reach, the latest due first."""

    serializer_class = ReminderOut
    filterset_class = ReminderFilter

    def get_queryset(self) -> QuerySet[Reminder]:
        return Reminder.objects.none() if is_for_the_document(self) else _reach(self.request)


class TryAgain(APIView):
    """A message that failed."""

    @extend_schema(request=None, responses=ReminderOut, parameters=[KEY_HEADER])
    def post(self, request: Request, reminder_id: Any) -> Response:
        """Queue it once more; it goes out with the next run."""
        reminder = found_or_404(_reach(request), reminder_id)
        return write_once(
            request,
            do=lambda key, now: try_again(reminder=reminder, by=actor_of(request), now=now),
            again=lambda key: found_or_404(_reach(request), reminder_id),
            show=lambda found: ReminderOut(found).data,
            created=False,
        )
