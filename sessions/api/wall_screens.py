"""The screens on the walls of a site: listed, made and revoked. What they show is no route of the API."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.accounts.permissions import Permission
from clinic.facilities.api.sites import site_named
from sessions.api.contract import (
    KEY_HEADER,
    actor_of,
    checked,
    create_with_secret,
    found_or_404,
    is_for_the_document,
    write_once,
)
from sessions.models import WallScreen
from sessions.operations.wall_screens import make_screen, revoke_screen


class WallScreenOut(serializers.ModelSerializer[WallScreen]):
    """A screen, without its code and its secret."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.UUIDField(source="site.public_id")
    made_by = serializers.CharField(source="made_by.printed_name")

    class Meta:
        model = WallScreen
        fields = ["id", "site", "name", "made_at", "made_by", "code_expires_at", "opened_at", "revoked_at"]


class MadeWallScreenOut(WallScreenOut):
    """A screen just made. Its code comes this once; a repeated request gives null, so make another screen."""

    code = serializers.CharField(allow_null=True, default=None)

    class Meta(WallScreenOut.Meta):
        fields = [*WallScreenOut.Meta.fields, "code"]


class WallScreenIn(serializers.Serializer[Any]):
    """What the screen is called, such as the room that it hangs in."""

    name = serializers.CharField(max_length=80)


class WallScreens(ListAPIView[WallScreen]):
    """The screens of a site, the newest first; revoked ones too."""

    serializer_class = WallScreenOut

    def get_queryset(self) -> QuerySet[WallScreen]:
        if is_for_the_document(self):
            return WallScreen.objects.none()
        rows = WallScreen.objects.for_user(actor_of(self.request)).select_related("site", "made_by")
        return rows.filter(site__public_id=self.kwargs["site_id"]).order_by("-made_at", "-pk")

    def get(self, request: Request, site_id: Any) -> Response:
        """Every screen that was made at the site, for whoever plans its days."""
        actor_of(request).require(Permission.PLAN_ROSTER, site_named(request, site_id).pk)
        return self.list(request)

    @extend_schema(request=WallScreenIn, responses={201: MadeWallScreenOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, site_id: Any) -> Response:
        """Make a screen. Only somebody signed in can: it would outlive a token."""
        site, data = site_named(request, site_id), checked(WallScreenIn(data=request.data))
        by = actor_of(request)
        return create_with_secret(
            request,
            lambda key, now: make_screen(site=site, by=by, public_id=key, now=now, **data),
            rows=lambda: WallScreen.objects.for_user(by),
            show=lambda screen: WallScreenOut(screen).data,
            told_as="code",
        )


class WallScreenRevoke(APIView):
    """The end of a screen."""

    @extend_schema(request=None, responses=WallScreenOut, parameters=[KEY_HEADER])
    def post(self, request: Request, screen_id: Any) -> Response:
        """End the screen now; within seconds it shows nothing any more."""
        rows = WallScreen.objects.for_user(actor_of(request)).select_related("site", "made_by")
        screen = found_or_404(rows, screen_id)
        return write_once(
            request,
            do=lambda key, now: revoke_screen(screen=screen, by=actor_of(request), now=now),
            again=lambda key: found_or_404(rows, screen_id),
            show=lambda row: WallScreenOut(row).data,
            created=False,
        )
