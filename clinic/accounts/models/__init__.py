from clinic.accounts.models.device import DevicePerson, PersonalPin, TrustedDevice
from clinic.accounts.models.fact import ClinicalFact, Correctable, FactQuerySet
from clinic.accounts.models.membership import Membership, PermissionGrant, Role, RolePermission
from clinic.accounts.models.outbox_key import OutboxKey
from clinic.accounts.models.token import ApiToken
from clinic.accounts.models.user import User

__all__ = [
    "ApiToken",
    "ClinicalFact",
    "Correctable",
    "DevicePerson",
    "FactQuerySet",
    "Membership",
    "OutboxKey",
    "PermissionGrant",
    "PersonalPin",
    "Role",
    "RolePermission",
    "TrustedDevice",
    "User",
]
