"""People: their account, their roles, and single rights."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import Role
from clinic.accounts.permissions import Permission
from clinic.common.forms import LongText, Text


class RoleField(forms.ModelChoiceField):
    """One of the roles that there are, by its code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=Role.objects.all(),
            to_field_name="code",
            empty_label=_("Choose a role"),
            error_messages={"required": _("Choose a role."), "invalid_choice": _("There is no such role.")},
            **kwargs,
        )


class DetailsForm(forms.Form):
    """What can be corrected of an account."""

    display_name = Text(label=_("Name"), max_length=150)
    credential = Text(
        label=_("Credential"),
        max_length=40,
        required=False,
        help_text=_("As printed after the name: RN, MD"),
    )
    email = Text(label=_("E-mail"), max_length=254, required=False)
    phone = Text(label=_("Phone"), max_length=40, required=False)


class PasswordForm(forms.Form):
    """A first password, to be handed over and changed."""

    password = forms.CharField(
        label=_("First password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "12 characters or more. Hand it over in person; the owner can change it after signing in."
        ),
    )


class AddMemberForm(DetailsForm):
    """A new account with its first role."""

    field_order = ["display_name", "credential", "username", "password", "site", "role", "email", "phone"]

    username = Text(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        ),
        help_text=_("For signing in. It stays for good."),
    )
    password = PasswordForm.base_fields["password"]
    site = forms.ChoiceField(label=_("Site"))
    role = RoleField(label=_("Role"))

    def __init__(self, *args: Any, sites: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_among(self.fields["site"], sites)


class GiveRoleForm(forms.Form):
    """One more role."""

    site = forms.ChoiceField(label=_("Site"))
    role = RoleField(label=_("Role"))

    def __init__(self, *args: Any, sites: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_among(self.fields["site"], sites)


class ReasonForm(forms.Form):
    """An act that needs nothing but, perhaps, its reason."""

    reason = LongText(label=_("Reason"), required=False, max_length=1000, rows=2)


class ChangeRoleForm(ReasonForm):
    """Another role in place of one."""

    field_order = ["role", "reason"]

    role = RoleField(label=_("New role"))


class GrantRightForm(ReasonForm):
    """A single right beyond a role."""

    field_order = ["permission", "reason"]

    permission = forms.ChoiceField(label=_("Right"), error_messages={"required": _("Choose a right.")})

    def __init__(self, *args: Any, rights: Iterable[Permission], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["permission"]
        field.choices = [("", _("Choose a right")), *((right.value, right.label) for right in rights)]


def choose_among(field: Any, sites: Iterable[Any]) -> None:
    """Offer sites by name; a single one is chosen already."""
    offered = [(str(site.public_id), site.name) for site in sites]
    field.choices = offered if len(offered) == 1 else [("", _("Choose a site")), *offered]
    field.error_messages["required"] = _("Choose a site.")
