from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import ClinicalFact
from sessions.models.facts import SessionFactQuerySet, of_session


class PatientWish(ClinicalFact):
    """How the patient wants it to be in the chair. The patient's latest row stands, at every later visit too."""

    class Kind(models.TextChoices):
        """What is asked for most; anything else is said in words."""

        LIGHTS_LOW = "lights_low", _("Lights low")
        EYE_MASK = "eye_mask", _("Eye mask")
        OWN_MUSIC = "own_music", _("Own music")
        QUIET = "quiet", _("Quiet")
        BLANKET = "blanket", _("Blanket")
        TALK = "talk", _("Talk now and then")
        NO_TALK = "no_talk", _("Rather not talk")
        COMPANION = "companion", _("Somebody beside them")

    session = of_session("patient_wishes")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    kinds = models.JSONField(default=list, blank=True)
    words = models.TextField(blank=True)

    objects = SessionFactQuerySet.as_manager()

    class Meta:
        db_table = "sessions_patient_wish"
        ordering = ["entered_at", "pk"]
        indexes = [models.Index(fields=["patient", "-entered_at"], name="wish_of_patient")]

    def __str__(self) -> str:
        return ", ".join([*self.kind_words, *filter(None, [self.words])])

    @property
    def kind_words(self) -> list[str]:
        """The wishes by name."""
        known = dict(self.Kind.choices)
        return [str(known[code]) for code in self.kinds if code in known]
