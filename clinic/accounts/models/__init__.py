from clinic.accounts.models.fact import ClinicalFact, Correctable, FactQuerySet
from clinic.accounts.models.membership import Membership, PermissionGrant, Role, RolePermission
from clinic.accounts.models.outbox_key import OutboxKey
from clinic.accounts.models.token import ApiToken
from clinic.accounts.models.user import User

__all__ = [
    "ApiToken",
    "ClinicalFact",
    "Correctable",
    "FactQuerySet",
    "Membership",
    "OutboxKey",
    "PermissionGrant",
    "Role",
    "RolePermission",
    "User",
]
