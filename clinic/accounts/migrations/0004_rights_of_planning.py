from django.db import migrations

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

    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
