from typing import Any

from django.db import models

from clinic.accounts.models import ClinicalFact
from patients.models.patient import PatientRowQuerySet
from patients.scoring.contraindications import LISTS, Answer, Question, ScreenList


class ContraindicationScreenQuerySet(PatientRowQuerySet):
    def latest_of(self, patient: Any) -> "ContraindicationScreen | None":
        """The screen that counts: the one taken last."""
        found: ContraindicationScreen | None = (
            self.filter(patient=patient).order_by("-taken_at", "-pk").first()
        )
        return found


class ContraindicationScreen(ClinicalFact):
    """One pass through a versioned list of contraindications; the latest counts.

    ``answers`` is ``{question code: {"answer": "yes" | "no" | "unknown", "note": text}}``, every question once.
    """

    patient = models.ForeignKey(
        "patients.Patient", on_delete=models.PROTECT, related_name="contraindication_screens"
    )
    list_code = models.CharField(max_length=40)
    list_version = models.CharField(max_length=20)
    answers = models.JSONField()

    objects = ContraindicationScreenQuerySet.as_manager()

    class Meta:
        db_table = "patients_contraindication_screen"
        ordering = ["-taken_at", "-pk"]
        indexes = [models.Index(fields=["patient", "-taken_at"], name="screen_of_patient")]

    def __str__(self) -> str:
        return f"{self.screen_list.name} {self.taken_at:%Y-%m-%d}"

    @property
    def screen_list(self) -> ScreenList:
        return LISTS[self.list_code, self.list_version]

    @property
    def present(self) -> list[Question]:
        """What was answered with yes."""
        return self.screen_list.with_answer(self.answers, Answer.YES)

    @property
    def unknown(self) -> list[Question]:
        return self.screen_list.with_answer(self.answers, Answer.UNKNOWN)

    @property
    def rows(self) -> list[tuple[Question, Answer, str]]:
        """Question, answer and note, in the order of the list."""
        given = [(question, self.answers.get(question.code, {})) for question in self.screen_list.questions]
        return [
            (question, Answer(row.get("answer", Answer.UNKNOWN)), row.get("note", ""))
            for question, row in given
        ]
