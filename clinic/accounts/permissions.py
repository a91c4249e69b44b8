"""Every right there is, and the six roles a new installation starts with.

Roles are rows and can be changed; rights are code, because each one is asked for somewhere in the rules.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    """A right, held in a role at a site."""

    VIEW_PATIENTS = "view_patients", _("Open patients' records")
    EDIT_PATIENTS = "edit_patients", _("Register patients and complete their records")
    IMPORT_PATIENTS = "import_patients", _("Import patients from another system")
    RECORD_CONSENT = "record_consent", _("Record and revoke consents")
    RECORD_SCORES = "record_scores", _("Record questionnaires")
    BOOK = "book", _("Book, cancel and mark no-shows")
    OVERBOOK = "overbook", _("Book against chairs, nurses or opening hours, with a reason")
    CHECK_IN = "check_in", _("Mark patients as arrived")
    RUN_INFUSION = "run_infusion", _("Check, start, pause, resume, end and discharge")
    DECIDE_AGAINST = "decide_against", _("Withdraw clearance, decide not to start, transfer out")
    RECORD_LEAVING = "record_leaving", _("Record that a patient left")
    RECORD_OBSERVATIONS = "record_observations", _("Record vital signs, notes and side effects")
    OVERRIDE_CHECK = "override_check", _("Override an open check with a reason")
    OVERRIDE_DOSE = "override_dose", _("Go over a protocol's dose cap or duration with a reason")
    OVERRIDE_DISCHARGE = "override_discharge", _("Discharge with open criteria, with a reason")
    ORDER_COURSE = "order_course", _("Order courses of treatment")
    AUTHOR_PROTOCOL = "author_protocol", _("Draft protocols")
    APPROVE_PROTOCOL = "approve_protocol", _("Approve protocols")
    LICENSE_WORDING = (
        "license_wording",
        _("State licences of questionnaires, enter and approve their wording"),
    )
    SIGN_CHART = "sign_chart", _("Sign a chart as its author, add addenda")
    REVIEW_CHART = "review_chart", _("Review and sign charts as prescriber")
    VIEW_REPORTS = "view_reports", _("Open reports")
    PLAN_ROSTER = "plan_roster", _("Plan shifts, leave, opening hours and closures")
    MANAGE_STAFF = "manage_staff", _("Manage staff, sites and roles")
    VIEW_AUDIT = "view_audit", _("Read the audit log")


P = Permission
DEFAULT_ROLES: dict[str, tuple[str, frozenset[Permission]]] = {
    "front_desk": (
        "Front desk",
        frozenset(
            {
                P.VIEW_PATIENTS,
                P.EDIT_PATIENTS,
                P.IMPORT_PATIENTS,
                P.RECORD_CONSENT,
                P.RECORD_SCORES,
                P.BOOK,
                P.CHECK_IN,
                P.RECORD_LEAVING,
            }
        ),
    ),
    "nurse": (
        "Nurse",
        frozenset(
            {
                P.VIEW_PATIENTS,
                P.EDIT_PATIENTS,
                P.RECORD_CONSENT,
                P.RECORD_SCORES,
                P.BOOK,
                P.OVERBOOK,
                P.CHECK_IN,
                P.RUN_INFUSION,
                P.DECIDE_AGAINST,
                P.RECORD_LEAVING,
                P.RECORD_OBSERVATIONS,
                P.OVERRIDE_CHECK,
                # Who discharges must be able to: the reason stays in the chart that the prescriber reviews.
                P.OVERRIDE_DISCHARGE,
                P.SIGN_CHART,
            }
        ),
    ),
    "prescriber": (
        "Prescriber",
        frozenset(
            {
                P.VIEW_PATIENTS,
                P.EDIT_PATIENTS,
                P.RECORD_CONSENT,
                P.RECORD_SCORES,
                P.DECIDE_AGAINST,
                P.RECORD_LEAVING,
                P.RECORD_OBSERVATIONS,
                P.OVERRIDE_CHECK,
                P.OVERRIDE_DOSE,
                P.OVERRIDE_DISCHARGE,
                P.ORDER_COURSE,
                P.AUTHOR_PROTOCOL,
                P.SIGN_CHART,
                P.REVIEW_CHART,
                P.VIEW_REPORTS,
            }
        ),
    ),
    "manager": ("Manager", frozenset({P.VIEW_PATIENTS, P.VIEW_REPORTS, P.PLAN_ROSTER})),
    "administrator": (
        "Administrator",
        frozenset({P.MANAGE_STAFF, P.LICENSE_WORDING, P.PLAN_ROSTER, P.VIEW_AUDIT}),
    ),
    "auditor": ("Auditor", frozenset({P.VIEW_AUDIT})),
}
