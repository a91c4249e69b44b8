"""What must still be done for a patient after something happened, and everything that was done about it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import ClinicalFact, User
from clinic.accounts.permissions import Permission
from clinic.common.models import PublicModel
from sessions.models.call_attempt import CallAttempt
from sessions.models.side_effect import SideEffect


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def for_user(self, actor: Actor) -> Self:
        """Those of sites where the actor may open patients' records."""
        return self.filter(site__in=actor.sites_with(Permission.VIEW_PATIENTS))

    def open(self) -> Self:
        done = FollowUpEntry.objects.filter(follow_up=OuterRef("pk"), kind=FollowUpEntry.Kind.DONE)
        return self.filter(~Exists(done))

    def with_state(self) -> Self:
        """Annotates ``closed``, ``due`` (as last put off), ``attempts``, and whose it is as last handed on.

        That person is ``carer_id``, and ``carer_key`` outside. The most urgent come first.
        """
        entries = FollowUpEntry.objects.filter(follow_up=OuterRef("pk")).order_by("-entered_at", "-pk")
        moved = entries.filter(due_at__isnull=False).values("due_at")[:1]
        handed = entries.filter(assigned_to__isnull=False).values("assigned_to")[:1]
        found = self.annotate(
            closed=Exists(entries.filter(kind=FollowUpEntry.Kind.DONE)),
            due=Coalesce(Subquery(moved), F("due_at")),
            carer_id=Coalesce(Subquery(handed), F("assigned_to"), output_field=models.BigIntegerField()),
            attempts=Count("entries", filter=Q(entries__kind=FollowUpEntry.Kind.ATTEMPT)),
        )
        carer = User.objects.filter(pk=OuterRef("carer_id")).values("public_id")
        named = found.annotate(carer_key=Subquery(carer[:1]))
        return named.order_by(F("due").asc(nulls_last=True), "pk")


class FollowUp(PublicModel):
    """Something that is open until somebody says that it is done; what is done about it are its entries."""

    class Kind(models.TextChoices):
        """Why it is open."""

        SERIOUS_EFFECT = "serious-effect", _("Serious side effect")
        UNRESOLVED_EFFECT = "unresolved-effect", _("Side effect not over")
        LEFT_UNESCORTED = "left-unescorted", _("Left without escort")
        UNMET_CRITERIA = "unmet-criteria", _("Left with open criteria")
        NO_SHOW_CALL = "no-show-call", _("Call after a no-show")
        NEXT_DAY = "next-day", _("Next-day check")
        OTHER = "other", _("Other")

    class Task(models.TextChoices):
        """What a serious side effect asks for."""

        TELL = "tell", _("Tell the prescriber")
        NARRATIVE = "narrative", _("Write the narrative")
        REVIEW = "review", _("Review: grade and cause")
        REPORT = "report", _("Report outside, if required")

    kind = models.CharField(max_length=20, choices=Kind.choices)
    task = models.CharField(max_length=10, choices=Task.choices, blank=True)
    site = models.ForeignKey("facilities.Site", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(
        "infusion_sessions.InfusionSession", on_delete=models.PROTECT, related_name="follow_ups"
    )
    side_effect = models.ForeignKey(
        SideEffect, null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups"
    )
    reason = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True, blank=True, help_text="Empty: the site has set no clock.")
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        db_table = "sessions_follow_up"
        ordering = ["due_at", "pk"]
        indexes = [models.Index(fields=["site", "kind"], name="follow_up_of_site")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="serious-effect", side_effect__isnull=False) & ~Q(task="")
                | ~Q(kind="serious-effect") & Q(task=""),
                name="follow_up_task_of_serious",
            ),
            models.UniqueConstraint(
                fields=["side_effect", "task"],
                condition=Q(kind="serious-effect"),
                name="follow_up_task_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.label)

    @property
    def label(self) -> Any:
        return self.get_task_display() if self.task else self.get_kind_display()


class FollowUpEntry(ClinicalFact):
    """One thing that was done about a follow-up, or the last one: that it is done.

    Attributes:
        result: of a call, what came of it; empty where that was not said.
    """

    class Kind(models.TextChoices):
        """What was done."""

        NOTE = "note", _("Note")
        ATTEMPT = "attempt", _("Call")
        REASSIGNED = "reassigned", _("Handed on")
        DONE = "done", _("Done")

    class Outcome(models.TextChoices):
        """How it was closed."""

        SETTLED = "settled", _("Settled")
        NOT_REACHED = "not-reached", _("Could not be reached")
        NOT_NEEDED = "not-needed", _("Not needed")

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField(blank=True)
    result = models.CharField(max_length=12, choices=CallAttempt.Outcome.choices, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)

    class Meta:
        db_table = "sessions_follow_up_entry"
        ordering = ["entered_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["follow_up"], condition=Q(kind="done"), name="follow_up_done_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="done") & ~Q(outcome="") | ~Q(kind="done") & Q(outcome=""),
                name="follow_up_outcome_of_done",
            ),
            models.CheckConstraint(
                condition=Q(kind="attempt") | Q(result=""), name="follow_up_result_of_attempt"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text[:60]}"
