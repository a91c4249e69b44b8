from django.db import migrations, models

# As the roles come; a clinic that has changed its roles may take them away again.
RIGHTS = {"nurse": ["overbook"], "manager": ["plan_roster"], "administrator": ["plan_roster"]}


def give_rights(apps, schema_editor):
    role_model = apps.get_model("accounts", "Role")
    right_model = apps.get_model("accounts", "RolePermission")
    for role in role_model.objects.filter(code__in=RIGHTS):
        for right in RIGHTS[role.code]:
            right_model.objects.get_or_create(role=role, permission=right)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_user_revision")]

    operations = [
        migrations.AlterField(
            model_name='permissiongrant',
            name='permission',
            field=models.CharField(choices=[('view_patients', "Open patients' records"), ('edit_patients', 'Register patients and complete their records'), ('import_patients', 'Import patients from another system'), ('record_consent', 'Record and revoke consents'), ('record_scores', 'Record questionnaires'), ('book', 'Book, cancel and mark no-shows'), ('overbook', 'Book against chairs, nurses or opening hours, with a reason'), ('check_in', 'Mark patients as arrived'), ('run_infusion', 'Check, start, pause, resume, end and discharge'), ('decide_against', 'Withdraw clearance, decide not to start, transfer out'), ('record_leaving', 'Record that a patient left'), ('record_observations', 'Record vital signs, notes and side effects'), ('override_check', 'Override an open check with a reason'), ('override_dose', "Go over a protocol's dose cap or duration with a reason"), ('override_discharge', 'Discharge with open criteria, with a reason'), ('order_course', 'Order courses of treatment'), ('author_protocol', 'Draft protocols'), ('approve_protocol', 'Approve protocols'), ('sign_chart', 'Sign a chart as its author, add addenda'), ('review_chart', 'Review and sign charts as prescriber'), ('view_reports', 'Open reports'), ('plan_roster', 'Plan shifts, leave, opening hours and closures'), ('manage_staff', 'Manage staff, sites and roles'), ('view_audit', 'Read the audit log')], max_length=40),
        ),
        migrations.AlterField(
            model_name='rolepermission',
            name='permission',
            field=models.CharField(choices=[('view_patients', "Open patients' records"), ('edit_patients', 'Register patients and complete their records'), ('import_patients', 'Import patients from another system'), ('record_consent', 'Record and revoke consents'), ('record_scores', 'Record questionnaires'), ('book', 'Book, cancel and mark no-shows'), ('overbook', 'Book against chairs, nurses or opening hours, with a reason'), ('check_in', 'Mark patients as arrived'), ('run_infusion', 'Check, start, pause, resume, end and discharge'), ('decide_against', 'Withdraw clearance, decide not to start, transfer out'), ('record_leaving', 'Record that a patient left'), ('record_observations', 'Record vital signs, notes and side effects'), ('override_check', 'Override an open check with a reason'), ('override_dose', "Go over a protocol's dose cap or duration with a reason"), ('override_discharge', 'Discharge with open criteria, with a reason'), ('order_course', 'Order courses of treatment'), ('author_protocol', 'Draft protocols'), ('approve_protocol', 'Approve protocols'), ('sign_chart', 'Sign a chart as its author, add addenda'), ('review_chart', 'Review and sign charts as prescriber'), ('view_reports', 'Open reports'), ('plan_roster', 'Plan shifts, leave, opening hours and closures'), ('manage_staff', 'Manage staff, sites and roles'), ('view_audit', 'Read the audit log')], max_length=40),
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
