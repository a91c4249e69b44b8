"""Who calls, and who works where."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.accounts.actor import Actor
from clinic.accounts.api.contract import actor_of, is_for_the_document
from clinic.accounts.models import Membership, User
from clinic.accounts.permissions import Permission


class MySiteOut(serializers.Serializer[Any]):
    """A site at which the caller has a role, with what they may do there."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    time_zone = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    rights = serializers.ListField(child=serializers.ChoiceField(choices=Permission.choices))


class MeOut(serializers.ModelSerializer[User]):
    """The caller. Through a token, only the rights that its scopes leave."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(source="printed_name")
    sites = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "username", "name", "sites"]

    @extend_schema_field(MySiteOut(many=True))
    def get_sites(self, user: User) -> Any:
        return MySiteOut(_sites_of(self.context["actor"]), many=True).data


def _sites_of(actor: Actor) -> list[dict[str, Any]]:
    mine = Membership.objects.for_user(actor).filter(user=actor.user_id).select_related("site", "role")
    found: dict[int, dict[str, Any]] = {}
    for membership in mine.order_by("site__name", "role__position"):
        site = membership.site
        row = found.setdefault(
            site.pk,
            {
                "id": site.public_id,
                "code": site.code,
                "name": site.name,
                "time_zone": site.time_zone,
                "roles": [],
                "rights": sorted(actor.grants.get(site.pk, ())),
            },
        )
        row["roles"].append(membership.role.code)
    return list(found.values())


class Me(APIView):
    """Who calls."""

    @extend_schema(responses=MeOut)
    def get(self, request: Request) -> Response:
        """The caller, their sites, and their rights at each."""
        actor = actor_of(request)
        return Response(MeOut(actor.user, context={"actor": actor}).data)


class StaffRoleOut(serializers.ModelSerializer[Membership]):
    """A role at a site, with the rights that were given beyond it."""

    site = serializers.UUIDField(source="site.public_id")
    role = serializers.CharField(source="role.code")
    rights = serializers.SerializerMethodField()

    class Meta:
        model = Membership
        fields = ["site", "role", "rights"]

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(choices=Permission.choices)))
    def get_rights(self, membership: Membership) -> list[str]:
        return sorted(grant.permission for grant in membership.grants.all())


class StaffOut(serializers.ModelSerializer[User]):
    """A member of staff, with their roles at the sites that the caller manages."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(source="display_name")
    roles = StaffRoleOut(many=True, source="managed_memberships")

    class Meta:
        model = User
        fields = ["id", "username", "name", "credential", "email", "phone", "is_active", "roles"]


class StaffFilter(filters.FilterSet):
    """By site, or whether the account is open."""

    site = filters.UUIDFilter(field_name="memberships__site__public_id", label="Site", distinct=True)
    is_active = filters.BooleanFilter()

    class Meta:
        model = User
        fields: list[str] = []


class StaffList(ListAPIView[User]):
    """The people of the sites whose staff the caller manages, in the order of their names."""

    serializer_class = StaffOut
    filterset_class = StaffFilter

    def get_queryset(self) -> QuerySet[User]:
        if is_for_the_document(self):
            return User.objects.none()
        actor = actor_of(self.request)
        actor.require(Permission.MANAGE_STAFF)
        managed = (
            Membership.objects.for_user(actor)
            .filter(site__in=actor.sites_with(Permission.MANAGE_STAFF))
            .select_related("site", "role")
            .prefetch_related("grants")
            .order_by("site__name", "role__position")
        )
        people = User.objects.for_user(actor).filter(pk__in=managed.order_by().values("user"))
        return people.order_by("display_name", "pk").prefetch_related(
            Prefetch("memberships", queryset=managed, to_attr="managed_memberships")
        )
