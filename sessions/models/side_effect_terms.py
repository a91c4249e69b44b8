"""The list of side effects to choose from.

Terms are collected from the US label and from the published incidence tables of ketamine and esketamine in
depression. SNOMED CT codes stand where a public value set shows them.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class SideEffectTerm:
    """One entry: stable code, words shown, whether it is a serious kind, SNOMED CT code where published."""

    code: str
    label: Any
    serious: bool = False
    snomed: str = ""


SIDE_EFFECT_TERMS = (
    SideEffectTerm("dissociation", _("Dissociation, feeling unreal")),
    SideEffectTerm("drowsiness", _("Drowsiness")),
    SideEffectTerm("dizziness", _("Dizziness"), snomed="404640003"),
    SideEffectTerm("nausea", _("Nausea"), snomed="422587007"),
    SideEffectTerm("vomiting", _("Vomiting")),
    SideEffectTerm("headache", _("Headache"), snomed="25064002"),
    SideEffectTerm("blurred-vision", _("Blurred or double vision")),
    SideEffectTerm("anxiety", _("Anxiety or distress")),
    SideEffectTerm("confusion", _("Confusion"), snomed="40917007"),
    SideEffectTerm("poor-coordination", _("Poor coordination")),
    SideEffectTerm("blood-pressure-rise", _("Blood pressure rise")),
    SideEffectTerm("tachycardia", _("Tachycardia")),
    SideEffectTerm("salivation", _("Increased saliva")),
    SideEffectTerm("restlessness", _("Restlessness")),
    SideEffectTerm("numbness", _("Numbness or tingling")),
    SideEffectTerm("dry-mouth", _("Dry mouth")),
    SideEffectTerm("floating", _("Floating")),
    SideEffectTerm("euphoria", _("Euphoria")),
    SideEffectTerm("tinnitus", _("Tinnitus")),
    SideEffectTerm("iv-site", _("Pain or swelling at the IV site")),
    SideEffectTerm("urinary-symptoms", _("Urinary symptoms")),
    SideEffectTerm("hypertensive-crisis", _("Hypertensive crisis"), serious=True),
    SideEffectTerm("chest-pain", _("Chest pain"), serious=True, snomed="29857009"),
    SideEffectTerm("arrhythmia", _("Arrhythmia"), serious=True),
    SideEffectTerm("syncope", _("Fainting"), serious=True, snomed="271594007"),
    SideEffectTerm("respiratory-depression", _("Respiratory depression"), serious=True),
    SideEffectTerm("laryngospasm", _("Laryngospasm"), serious=True),
    SideEffectTerm("seizure", _("Seizure"), serious=True),
    SideEffectTerm("hallucination", _("Hallucination or psychosis"), serious=True),
    SideEffectTerm("severe-agitation", _("Severe agitation"), serious=True),
    SideEffectTerm("anaphylaxis", _("Anaphylaxis"), serious=True),
    SideEffectTerm("fall", _("Fall"), serious=True),
    SideEffectTerm("suicidal-behaviour", _("Suicidal behaviour"), serious=True),
    SideEffectTerm("mania", _("Switch to mania"), serious=True),
)
