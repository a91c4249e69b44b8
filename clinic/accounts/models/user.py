from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models.membership import Membership
from clinic.common.models import PublicModel, Revisioned


class UserQuerySet(models.QuerySet["User"]):
    def for_user(self, actor: Actor) -> "UserQuerySet":
        """People who have a role at one of the actor's sites, and the actor."""
        here = Membership.objects.for_user(actor).filter(user=OuterRef("pk"))
        return self.filter(Exists(here) | models.Q(pk=actor.user_id))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """The manager that Django's own commands expect."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


class User(PublicModel, Revisioned, AbstractBaseUser, PermissionsMixin):
    """A member of staff. What they may do comes from memberships; Django's own flags open only its admin."""

    username = models.CharField(
        _("user name"), max_length=150, unique=True, validators=[UnicodeUsernameValidator()]
    )
    display_name = models.CharField(_("name"), max_length=150)
    credential = models.CharField(
        _("credential"), max_length=40, blank=True, help_text=_("As printed after the name: RN, MD")
    )
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False, help_text="Opens nothing outside demo mode.")
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    objects = UserManager()

    class Meta:
        db_table = "accounts_user"

    def __str__(self) -> str:
        return self.printed_name

    @property
    def may_enter(self) -> bool:
        """Whether the account is open; those of the demo are in demo mode only, for their passwords are public."""
        return self.is_active and (settings.DEMO or not self.is_demo)

    @property
    def printed_name(self) -> str:
        """Name and credential, as under a signature."""
        return f"{self.display_name}, {self.credential}" if self.credential else self.display_name

    @property
    def short_name(self) -> str:
        """Given initial and family name, for dense rows."""
        *given, family = self.display_name.split()
        return f"{given[0][0]}. {family}" if given else family

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.short_name
