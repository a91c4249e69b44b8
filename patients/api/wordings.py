"""Licensed wording of questionnaires at a site: entered, approved, withdrawn."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.common import clock
from clinic.facilities.api.sites import SiteRoute
from patients.api.contract import KEY_HEADER, actor_of, checked, create_with, found_or_404, write_once
from patients.models import LicensedWording, WordingStep
from patients.operations.wordings import approve_wording, enter_wording, withdraw_wording
from patients.reports.wordings import version_line, version_lines
from patients.rules.wordings import LANGUAGES, LONGEST_TEXT, Standing
from patients.scoring.registry import LICENSABLE


class WordedItem(serializers.Serializer[Any]):
    """The words of one item. ``answers`` names those of its values; one without words keeps its number."""

    text = serializers.CharField(max_length=LONGEST_TEXT)
    answers = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=LONGEST_TEXT), default=dict
    )


class WordingIn(serializers.Serializer[Any]):
    """A licence, and the words that it lets the site show: all items by code."""

    instrument = serializers.ChoiceField(choices=sorted(LICENSABLE))
    language = serializers.ChoiceField(choices=list(LANGUAGES.items()), default="en")
    licence_holder = serializers.CharField(max_length=200)
    licence_reference = serializers.CharField(max_length=200)
    licensed_from = serializers.DateField()
    licensed_until = serializers.DateField(allow_null=True, default=None, help_text="Null: no last day.")
    licence_note = serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True, default="")
    stem = serializers.CharField(max_length=LONGEST_TEXT)
    items = serializers.DictField(child=WordedItem())


class WordingStepOut(serializers.Serializer[Any]):
    """What became of a version."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.ChoiceField(choices=WordingStep.Kind.choices)
    reason = serializers.CharField()
    entered_at = serializers.DateTimeField()
    entered_by = serializers.CharField(source="entered_by.printed_name")


class WordingOut(serializers.Serializer[Any]):
    """One version and how it stands today; its words are shown only while it is ``in_force``."""

    id = serializers.UUIDField(source="wording.public_id")
    site = serializers.UUIDField(source="wording.site.public_id")
    instrument = serializers.CharField(source="wording.instrument_code")
    version = serializers.CharField(source="wording.instrument_version")
    language = serializers.CharField(source="wording.language")
    number = serializers.IntegerField(source="wording.number")
    licence_holder = serializers.CharField(source="wording.licence_holder")
    licence_reference = serializers.CharField(source="wording.licence_reference")
    licensed_from = serializers.DateField(source="wording.licensed_from")
    licensed_until = serializers.DateField(source="wording.licensed_until", allow_null=True)
    licence_note = serializers.CharField(source="wording.licence_note")
    stem = serializers.CharField(source="wording.stem")
    items = serializers.DictField(source="wording.items", child=WordedItem())
    entered_at = serializers.DateTimeField(source="wording.entered_at")
    entered_by = serializers.CharField(source="wording.entered_by.printed_name")
    standing = serializers.ChoiceField(choices=[(one.value, one.name) for one in Standing])
    steps = WordingStepOut(many=True)


class WordingWithdrawIn(serializers.Serializer[Any]):
    """Why words are shown no more."""

    reason = serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True)


def _rows(request: Request) -> QuerySet[LicensedWording]:
    return LicensedWording.objects.for_user(actor_of(request)).select_related("site", "entered_by")


def _shown(wording: LicensedWording) -> dict[str, Any]:
    return WordingOut(version_line(wording, now=clock.now())).data


class SiteWordings(SiteRoute):
    """A site's versions."""

    @extend_schema(responses=WordingOut(many=True))
    def get(self, request: Request, site_id: Any) -> Response:
        """All of them for those who keep them; those that were approved where scores are recorded."""
        site = self.site()
        lines = version_lines(_rows(request).filter(site=site), site, now=clock.now())
        return Response(WordingOut(lines, many=True).data)

    @extend_schema(request=WordingIn, responses={201: WordingOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, site_id: Any) -> Response:
        """State a licence and enter the words; shown to nobody until it is approved."""
        site, data = self.site(), checked(WordingIn(data=request.data))
        return create_with(
            request, enter_wording, rows=lambda: _rows(request), show=_shown, site=site, **data
        )


class WordingRoute(APIView):
    """A route of one version, which is loaded through the scope."""

    def wording(self) -> LicensedWording:
        found: LicensedWording = found_or_404(_rows(self.request), self.kwargs["wording_id"])
        return found

    def act(self, operation: Callable[..., Any], **given: Any) -> Response:
        """Run an operation that appends a step; the version as it is then is the answer."""
        wording, by = self.wording(), actor_of(self.request)
        return write_once(
            self.request,
            do=lambda key, now: operation(wording=wording, by=by, public_id=key, now=now, **given),
            again=lambda key: wording,
            show=lambda row: _shown(self.wording()),
            created=False,
        )


class WordingDetail(WordingRoute):
    """One version."""

    @extend_schema(responses=WordingOut)
    def get(self, request: Request, wording_id: Any) -> Response:
        """The licence, the words, and how they stand."""
        return Response(_shown(self.wording()))


class WordingApprove(WordingRoute):
    """Approval."""

    @extend_schema(request=None, responses=WordingOut, parameters=[KEY_HEADER])
    def post(self, request: Request, wording_id: Any) -> Response:
        """Let the words be shown while their licence is in date, in the place of the version before."""
        return self.act(approve_wording)


class WordingWithdraw(WordingRoute):
    """The end of a version."""

    @extend_schema(request=WordingWithdrawIn, responses=WordingOut, parameters=[KEY_HEADER])
    def post(self, request: Request, wording_id: Any) -> Response:
        """Show the words no more; what was answered in them stays."""
        return self.act(withdraw_wording, **checked(WordingWithdrawIn(data=request.data)))
