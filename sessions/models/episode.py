"""What joins the courses of one patient into an episode of treatment, and what belongs to it from elsewhere."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import ClinicalFact, Correctable, FactQuerySet
from clinic.accounts.permissions import Permission

COURSE = "infusion_sessions.Course"


class CourseFactQuerySet(FactQuerySet):
    def for_user(self, actor: Actor) -> "CourseFactQuerySet":
        """Of courses at sites where the actor may open patients' records."""
        return self.filter(course__site__in=actor.sites_with(Permission.VIEW_PATIENTS))


class CoursePhase(ClinicalFact):
    """Which part of an episode a course is, and which course it goes on from; the latest row stands.

    A course without any row is an induction, and an episode of its own.
    """

    class Phase(models.TextChoices):
        """Induction begins an episode; the others go on with one, begun here or elsewhere."""

        INDUCTION = "induction", _("Induction")
        MAINTENANCE = "maintenance", _("Maintenance")
        TRANSFERRED = "transferred", _("Taken over from elsewhere")

    course = models.ForeignKey(COURSE, on_delete=models.PROTECT, related_name="phases")
    phase = models.CharField(max_length=12, choices=Phase.choices)
    continues = models.ForeignKey(
        COURSE, null=True, blank=True, on_delete=models.PROTECT, related_name="continued_by"
    )
    reason = models.TextField(blank=True)

    objects = CourseFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_course_phase"
        ordering = ["entered_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(continues__isnull=True) | ~Q(continues=F("course")),
                name="course_phase_continues_another",
            ),
            models.CheckConstraint(
                condition=~Q(phase="induction") | Q(continues__isnull=True),
                name="course_phase_induction_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.get_phase_display()


class OutsideInfusion(ClinicalFact, Correctable):
    """An infusion that was given elsewhere, as far as it is known here.

    Attributes:
        taken_at: when it was learnt, and ``taken_by`` by whom; the infusion itself was on ``given_on``.
        micrograms: None where the dose is not known.
        source: how it is known.
    """

    class Source(models.TextChoices):
        """How it is known."""

        RECORDS = "records", _("Letter or records of the other clinic")
        PATIENT = "patient", _("Told by the patient")
        OTHER = "other", _("Another source")

    course = models.ForeignKey(COURSE, on_delete=models.PROTECT, related_name="outside_infusions")
    given_on = models.DateField()
    micrograms = models.PositiveIntegerField(null=True, blank=True)
    place = models.CharField(max_length=200)
    source = models.CharField(max_length=10, choices=Source.choices)
    note = models.TextField(blank=True)

    objects = CourseFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_outside_infusion"
        ordering = ["given_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(micrograms__isnull=True) | Q(micrograms__gte=1),
                name="outside_infusion_dose_or_unknown",
            ),
            models.CheckConstraint(condition=~Q(place=""), name="outside_infusion_has_place"),
        ]

    def __str__(self) -> str:
        return f"{self.given_on:%Y-%m-%d} {self.place}"


class OutcomeBaseline(ClinicalFact):
    """A prescriber says which score a course is measured against; the latest row of a questionnaire stands.

    Without an assessment the choice is taken back, and the rule counts again: the last total before the first
    infusion of the episode.
    """

    course = models.ForeignKey(COURSE, on_delete=models.PROTECT, related_name="outcome_baselines")
    instrument_code = models.CharField(max_length=20)
    assessment = models.ForeignKey(
        "patients.Assessment", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField()

    objects = CourseFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_outcome_baseline"
        ordering = ["entered_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="outcome_baseline_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_code} baseline"
