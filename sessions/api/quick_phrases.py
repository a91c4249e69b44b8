"""The quick phrases of a site."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.facilities.api.sites import SiteRoute
from sessions.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    actor_of,
    answer,
    checked,
    create_with,
    edit_with,
    found_or_404,
)
from sessions.api.serializers.effects import PhraseChangesIn, PhraseIn, PhraseOut
from sessions.models import QuickPhrase
from sessions.operations.quick_phrases import add_quick_phrase, edit_quick_phrase


class SitePhrases(SiteRoute):
    """A site's phrases in their order."""

    @extend_schema(responses=PhraseOut(many=True))
    def get(self, request: Request, site_id: Any) -> Response:
        """Those in use."""
        rows = QuickPhrase.objects.for_user(actor_of(request)).in_use().select_related("site")
        return Response(PhraseOut(rows.filter(site=self.site()), many=True).data)

    @extend_schema(request=PhraseIn, responses={201: PhraseOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, site_id: Any) -> Response:
        """Add one."""
        site, data, by = self.site(), checked(PhraseIn(data=request.data)), actor_of(request)
        return create_with(
            request,
            add_quick_phrase,
            rows=lambda: QuickPhrase.objects.for_user(by).select_related("site"),
            show=lambda row: PhraseOut(row).data,
            site=site,
            **data,
        )


class PhraseDetail(APIView):
    """One phrase."""

    def phrase(self) -> QuickPhrase:
        rows = QuickPhrase.objects.for_user(actor_of(self.request)).select_related("site")
        found: QuickPhrase = found_or_404(rows, self.kwargs["phrase_id"])
        return found

    @extend_schema(responses=PhraseOut)
    def get(self, request: Request, phrase_id: Any) -> Response:
        """The phrase, with the ETag that its next edit names."""
        return answer(self.phrase(), lambda row: PhraseOut(row).data)

    @extend_schema(request=PhraseChangesIn(partial=True), responses=PhraseOut, parameters=[REVISION_HEADER])
    def patch(self, request: Request, phrase_id: Any) -> Response:
        """Other words, another place, or out of use."""
        return edit_with(
            PhraseChangesIn,
            request,
            edit_quick_phrase,
            show=lambda row: PhraseOut(row).data,
            as_="changes",
            phrase=self.phrase(),
        )
