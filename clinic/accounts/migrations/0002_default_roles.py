from django.db import migrations

from clinic.accounts.permissions import DEFAULT_ROLES


def create_roles(apps, schema_editor):
    role_model = apps.get_model("accounts", "Role")
    right_model = apps.get_model("accounts", "RolePermission")
    for position, (code, (name, rights)) in enumerate(DEFAULT_ROLES.items()):
        role, _created = role_model.objects.get_or_create(
            code=code, defaults={"name": name, "position": position}
        )
        for right in sorted(rights):
            right_model.objects.get_or_create(role=role, permission=right)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(create_roles, migrations.RunPython.noop)]
