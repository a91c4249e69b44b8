from datetime import date, datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.models import PublicModel, Revisioned
from sessions.models.choices import CANCEL_CHOICES, END_CHOICES, STATUS_CHOICES, TOTALS_CHOICES
from sessions.models.handover import HandoverSession
from sessions.models.protocol import ProtocolVersion
from sessions.models.signature import Signature
from sessions.states import ENDED, OFF, PRESENT, RUNNING, Status


class InfusionSessionQuerySet(models.QuerySet["InfusionSession"]):
    def for_user(self, actor: Actor) -> Self:
        """Sessions at sites where the actor may open patients' records."""
        return self.filter(site__in=actor.sites_with(Permission.VIEW_PATIENTS))

    def locked(self) -> Self:
        return self.select_for_update(no_key=True, of=("self",))

    def on_day(self, day: date, site: Any) -> Self:
        return self.filter(local_date=day, site=site)

    def running(self) -> Self:
        return self.filter(status__in=RUNNING)

    def present(self) -> Self:
        return self.filter(status__in=PRESENT)

    def ended(self) -> Self:
        return self.filter(status__in=ENDED)

    def delivered(self) -> Self:
        """Sessions in which an infusion was begun, whatever became of it."""
        return self.filter(infusion_started_at__isnull=False)

    def with_chart_state(self) -> Self:
        """Annotates ``is_authored`` and ``is_reviewed`` from the signatures."""
        reviews = Signature.objects.filter(session=OuterRef("pk"), meaning=Signature.Meaning.REVIEW)
        return self.with_authorship().annotate(is_reviewed=Exists(reviews))

    def with_authorship(self) -> Self:
        """Annotates ``is_authored`` alone: all that a board asks of the signatures."""
        authored = Signature.objects.filter(session=OuterRef("pk"), meaning=Signature.Meaning.AUTHOR)
        return self.annotate(is_authored=Exists(authored))

    def with_number(self) -> Self:
        """Annotates ``number``: this session's place among those of its course that were not called off."""
        earlier = (
            InfusionSession.objects.filter(
                course=OuterRef("course"), scheduled_start__lte=OuterRef("scheduled_start")
            )
            .exclude(status__in=OFF)
            .order_by()
            .values("course")
            .annotate(count=Count("pk"))
            .values("count")
        )
        return self.annotate(number=Coalesce(Subquery(earlier), 0))

    def with_carer(self, now: datetime) -> Self:
        """Annotates ``carer_id``, who looks after the patient now: an accepted cover in force, else the nurse."""
        covers = HandoverSession.objects.covers().filter(session=OuterRef("pk"), handover__until__gt=now)
        cover = Subquery(covers.values("handover__to_nurse")[:1])
        return self.annotate(carer_id=Coalesce(cover, "nurse_id", output_field=models.BigIntegerField()))

    def looked_after_by(self, user_id: int | None, now: datetime) -> Self:
        return self.with_carer(now).filter(carer_id=user_id)

    def count_by_carer(self, now: datetime) -> dict[int, int]:
        """How many of these each person looks after."""
        rows = self.with_carer(now).order_by().values("carer_id").annotate(count=Count("pk"))
        return {row["carer_id"]: row["count"] for row in rows if row["carer_id"]}

    def unsigned(self) -> Self:
        """Ended sessions that nobody has signed as author."""
        authored = Signature.objects.filter(session=OuterRef("pk"), meaning=Signature.Meaning.AUTHOR)
        return self.ended().filter(~Exists(authored))


class InfusionSession(PublicModel, Revisioned):
    """One visit for one infusion: what happened. No constraint stops a fact from being recorded here.

    ``infusion_started_at``, ``infusion_ended_at``, ``running_since`` and ``infused_seconds`` restate the timeline
    of :class:`InfusionEvent` rows so that a board need not read it; so do ``delivered_microlitres`` (by
    ``rate_since``, or by the end of the last stretch) and the pump's last rate. Only the operations in
    :mod:`sessions.operations.running` write them, each time anew from the whole timeline. ``given_micrograms`` and
    ``totals_used`` restate the standing :class:`InfusionTotals`, ``reading_excused_at`` the last planned reading that
    was said not to be done.
    """

    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey("infusion_sessions.Course", on_delete=models.PROTECT, related_name="sessions")
    booking = models.OneToOneField(
        "infusion_sessions.Booking", on_delete=models.PROTECT, related_name="session"
    )
    chair = models.ForeignKey("facilities.Chair", on_delete=models.PROTECT, related_name="+")
    nurse = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(max_length=12, choices=STATUS_CHOICES, default=Status.SCHEDULED)
    local_date = models.DateField()
    scheduled_start = models.DateTimeField()
    scheduled_end = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True, blank=True)
    infusion_started_at = models.DateTimeField(null=True, blank=True)
    infusion_ended_at = models.DateTimeField(null=True, blank=True)
    running_since = models.DateTimeField(null=True, blank=True)
    infused_seconds = models.PositiveIntegerField(default=0)
    delivered_microlitres = models.PositiveIntegerField(null=True, blank=True)
    rate_microlitres_per_hour = models.PositiveIntegerField(null=True, blank=True)
    rate_since = models.DateTimeField(null=True, blank=True)
    given_micrograms = models.PositiveIntegerField(null=True, blank=True)
    totals_used = models.CharField(max_length=8, choices=TOTALS_CHOICES, blank=True)
    reading_excused_at = models.DateTimeField(null=True, blank=True)
    end_kind = models.CharField(max_length=14, choices=END_CHOICES, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    cancel_code = models.CharField(max_length=10, choices=CANCEL_CHOICES, blank=True)
    is_late_cancel = models.BooleanField(default=False)

    objects = InfusionSessionQuerySet.as_manager()

    class Meta:
        db_table = "sessions_infusion_session"
        ordering = ["scheduled_start", "pk"]
        indexes = [
            models.Index(fields=["site", "local_date", "status"], name="session_of_day"),
            models.Index(fields=["course", "scheduled_start"], name="session_of_course"),
            models.Index(fields=["patient", "-scheduled_start"], name="session_of_patient"),
            models.Index(
                fields=["chair"], condition=Q(status__in=["infusing", "paused"]), name="session_in_chair"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(infusion_ended_at__isnull=True) | Q(infusion_started_at__isnull=False),
                name="session_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[s.value for s in Status]), name="session_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.patient} on {self.local_date}"

    @property
    def state(self) -> Status:
        return Status(self.status)

    def infused(self, now: datetime) -> timedelta:
        """How long ketamine has run by ``now``, pauses left out."""
        running = now - self.running_since if self.running_since else timedelta()
        return timedelta(seconds=self.infused_seconds) + max(running, timedelta())

    def observed(self, now: datetime) -> timedelta:
        """How long the patient has been watched since the true end of the infusion."""
        return max(now - self.infusion_ended_at, timedelta()) if self.infusion_ended_at else timedelta()

    @cached_property
    def protocol_version(self) -> ProtocolVersion:
        """The version whose rules hold here: the course's, and after the visit for good the one that the course stood
        under then. Moving a course on changes nothing of a visit that is over: neither what was asked, nor what is
        judged by it."""
        current: ProtocolVersion = self.course.protocol_version
        if self.closed_at is None or self.course.revision == 1:
            return current
        was = self.course.history.filter(history_date__lte=self.closed_at)
        number = (
            was.order_by("-history_date", "-history_id").values_list("protocol_version", flat=True).first()
        )
        if number in {None, current.pk}:
            return current
        return ProtocolVersion.objects.select_related("protocol").get(pk=number)

    def phase_at(self, at: datetime) -> str:
        """``pre``, ``infusion`` or ``recovery``: derived, so that a late entry falls where it belongs."""
        if self.infusion_started_at is None or at < self.infusion_started_at:
            return "pre"
        if self.infusion_ended_at is None or at <= self.infusion_ended_at:
            return "infusion"
        return "recovery"
