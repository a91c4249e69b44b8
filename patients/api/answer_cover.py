"""Who reads answers on suicide out of hours."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.common import clock
from clinic.common.api.fields import Instant
from clinic.facilities.api.sites import SiteRoute
from patients.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    actor_of,
    checked,
    create_with,
    edit_with,
    found_or_404,
)
from patients.models import AnswerCover
from patients.operations.answer_cover import accept_answers, take_back_answers
from patients.reports.answer_cover import covers_ahead


class AnswerCoverOut(serializers.ModelSerializer[AnswerCover]):
    """Somebody reads the answers that arrive at a site out of hours."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.UUIDField(source="site.public_id")
    user = serializers.UUIDField(source="user.public_id")

    class Meta:
        model = AnswerCover
        fields = ["id", "site", "user", "starts_at", "ends_at", "accepted_at", "is_withdrawn", "revision"]


class AnswerCoverIn(serializers.Serializer[Any]):
    """From when until when the caller accepts; the end is not included."""

    starts_at = Instant()
    ends_at = Instant()


class NothingIn(serializers.Serializer[Any]):
    """Nothing needs to be said."""


def _shown(cover: AnswerCover) -> dict[str, Any]:
    return AnswerCoverOut(cover).data


class AnswerCovers(SiteRoute):
    """The accepted hours of a site."""

    @extend_schema(responses=AnswerCoverOut(many=True))
    def get(self, request: Request, site_id: Any) -> Response:
        """Those that stand, now and in the next sixty days, the earliest first."""
        found = covers_ahead(self.site(), actor=actor_of(request), now=clock.now())
        return Response([_shown(cover) for cover in found])

    @extend_schema(request=AnswerCoverIn, responses={201: AnswerCoverOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, site_id: Any) -> Response:
        """Accept for oneself the answers that arrive in a time while the site is closed."""
        site, data = self.site(), checked(AnswerCoverIn(data=request.data))
        return create_with(
            request, accept_answers, rows=lambda: reach(request), show=_shown, site=site, **data
        )


class AnswerCoverTakeBack(APIView):
    """The end of accepted hours."""

    @extend_schema(request=NothingIn, responses=AnswerCoverOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, cover_id: Any) -> Response:
        """End them now; what has not begun is withdrawn."""
        cover = found_or_404(reach(request), cover_id)
        return edit_with(NothingIn, request, take_back_answers, show=_shown, cover=cover)


def reach(request: Request) -> QuerySet[AnswerCover]:
    """Those of the caller's sites."""
    rows: QuerySet[AnswerCover] = AnswerCover.objects.for_user(actor_of(request))
    return rows.select_related("site", "user")
