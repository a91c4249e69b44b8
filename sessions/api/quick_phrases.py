"""The quick phrases of a site."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.common.api import writes
from clinic.facilities.models import Site
from sessions.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    actor_of,
    answer,
    checked,
    edit,
    found_or_404,
    write_once,
)
from sessions.api.serializers.effects import PhraseChangesIn, PhraseIn, PhraseOut
from sessions.models import QuickPhrase
from sessions.operations.quick_phrases import add_quick_phrase, edit_quick_phrase


class SitePhrases(APIView):
    """A site's phrases in their order."""

    def site(self) -> Site:
        found: Site = found_or_404(Site.objects.for_user(actor_of(self.request)), self.kwargs["site_id"])
        return found

    @extend_schema(responses=PhraseOut(many=True))
    def get(self, request: Request, site_id: Any) -> Response:
        """Those in use."""
        rows = QuickPhrase.objects.for_user(actor_of(request)).in_use().select_related("site")
        return Response(PhraseOut(rows.filter(site=self.site()), many=True).data)

    @extend_schema(request=PhraseIn, responses={201: PhraseOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, site_id: Any) -> Response:
        """Add one."""
        site, data, by = self.site(), checked(PhraseIn(data=request.data)), actor_of(request)
        return write_once(
            request,
            do=lambda key, now: add_quick_phrase(site=site, by=by, public_id=key, now=now, **data),
            again=lambda key: found_or_404(QuickPhrase.objects.for_user(by).select_related("site"), key),
            show=lambda row: PhraseOut(row).data,
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
        phrase, revision = self.phrase(), writes.expected_revision(request)
        changes = checked(PhraseChangesIn(data=request.data, partial=True))
        edited = edit(
            edit_quick_phrase,
            phrase=phrase,
            changes=changes,
            by=actor_of(request),
            expected_revision=revision,
        )
        return answer(edited, lambda row: PhraseOut(row).data)
