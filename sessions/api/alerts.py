"""Alerts: what waits for an answer, and the answer; limits of one patient; the preview of a version; the channels."""

from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.accounts.permissions import Permission
from clinic.facilities.api.sites import site_named
from sessions.api.contract import (
    KEY_HEADER,
    SessionRoute,
    actor_of,
    checked,
    create_with,
    found_or_404,
    is_for_the_document,
    write_once,
)
from sessions.api.protocols import VersionRoute
from sessions.api.serializers.alerts import (
    AcknowledgeIn,
    AlertOut,
    ChannelTestsOut,
    PatientLimitIn,
    PatientLimitOut,
    PreviewOut,
)
from sessions.api.serializers.facts import RetractionIn
from sessions.models import Alert, AlertChannelTest, InfusionSession, PatientLimit
from sessions.operations import alert_sending
from sessions.operations.acknowledging import acknowledge_alert
from sessions.operations.patient_limits import revoke_patient_limit, set_patient_limit
from sessions.reports.alert_preview import preview


class AlertRoute(GenericAPIView[Any]):
    """A route of alerts."""

    serializer_class: Any = AlertOut

    def get_queryset(self) -> QuerySet[Any]:
        if is_for_the_document(self):
            return Alert.objects.none()
        rows = Alert.objects.for_user(actor_of(self.request)).select_related("session__site", "reading")
        return rows.select_related("session__patient").prefetch_related("entries__by", "entries__to")

    def show(self, row: Any) -> dict[str, Any]:
        shown: dict[str, Any] = AlertOut(row).data
        return shown


class SessionAlerts(ListModelMixin, SessionRoute, AlertRoute):
    """The alerts of a session."""

    def get(self, request: Request, session_id: Any) -> Response:
        """Every alert in the order in which they were raised, those that are answered or taken back too."""
        self.session()
        return self.list(request)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(session__public_id=self.kwargs["session_id"])


class SiteAlerts(ListModelMixin, AlertRoute):
    """What waits for an answer at a site."""

    def get(self, request: Request, site_id: Any) -> Response:
        """Alerts that nobody has acknowledged, for all patients who are here."""
        site_named(request, site_id)
        return self.list(request)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        here = InfusionSession.objects.for_user(actor_of(self.request)).present()
        here = here.filter(site__public_id=self.kwargs["site_id"]).order_by()
        return queryset.filter(
            pk__in=Alert.objects.for_user(actor_of(self.request)).open().values("pk")
        ).filter(session__in=here.values("pk"))


class AlertAcknowledge(SessionRoute, AlertRoute):
    """The answer to an alert."""

    @extend_schema(request=AcknowledgeIn, responses={201: AlertOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, alert_id: Any) -> Response:
        """Acknowledge an alert with what was done."""
        rows = self.get_queryset().filter(session__public_id=session_id)
        alert, data = found_or_404(rows, alert_id), checked(AcknowledgeIn(data=request.data))

        def do(key: Any, now: Any) -> Any:
            acknowledge_alert(alert=alert, by=actor_of(request), public_id=key, now=now, **data)
            return rows.get(pk=alert.pk)

        return write_once(request, do=do, again=lambda _key: rows.get(pk=alert.pk), show=self.show)


class PatientLimitRoute(SessionRoute, GenericAPIView[Any]):
    """A route of the limits of a session's patient."""

    serializer_class: Any = PatientLimitOut

    def get_queryset(self) -> QuerySet[Any]:
        if is_for_the_document(self):
            return PatientLimit.objects.none()
        mine = PatientLimit.objects.for_user(actor_of(self.request)).with_end().select_related("set_by")
        return mine.filter(patient=self.whole_session.patient_id)

    @cached_property
    def whole_session(self) -> InfusionSession:
        rows = InfusionSession.objects.for_user(actor_of(self.request)).select_related("site", "patient")
        found: InfusionSession = found_or_404(rows, self.kwargs["session_id"])
        return found

    def show(self, row: Any) -> dict[str, Any]:
        shown: dict[str, Any] = PatientLimitOut(self.get_queryset().get(pk=row.pk)).data
        return shown


class PatientLimits(ListModelMixin, PatientLimitRoute):
    """The limits of a session's patient."""

    def get(self, request: Request, session_id: Any) -> Response:
        """Every limit ever set for the patient, with its end."""
        return self.list(request)

    @extend_schema(request=PatientLimitIn, responses={201: PatientLimitOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Set a limit for this patient."""
        session, data = self.whole_session, checked(PatientLimitIn(data=request.data))
        told = {"patient": session.patient, "site": session.site, **data}
        return create_with(request, set_patient_limit, rows=self.get_queryset, show=self.show, **told)


class PatientLimitRevoke(PatientLimitRoute):
    """A limit taken back."""

    @extend_schema(request=RetractionIn, responses={201: PatientLimitOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, limit_id: Any) -> Response:
        """Take a limit of this patient back: the protocol's holds again."""
        session = self.whole_session
        limit, data = found_or_404(self.get_queryset(), limit_id), checked(RetractionIn(data=request.data))
        told = {"limit": limit, "site": session.site, **data}
        return write_once(
            request,
            do=lambda key, now: revoke_patient_limit(by=actor_of(request), public_id=key, now=now, **told),
            again=lambda _key: limit,
            show=self.show,
        )


class VersionPreview(VersionRoute):
    """How often a version's limits would have fired."""

    @extend_schema(responses=PreviewOut)
    def get(self, request: Request, version_id: Any) -> Response:
        """What each limit would have raised on the last 200 infusions; for whoever may draft or approve."""
        version = self.version()
        actor = actor_of(request)
        if not actor.can(Permission.APPROVE_PROTOCOL):
            actor.require(Permission.AUTHOR_PROTOCOL)
        return Response(PreviewOut(preview(version, actor=actor)).data)


class AlertChannelsTest(GenericAPIView[Any]):
    """The channels of a site's alerts."""

    serializer_class: Any = ChannelTestsOut

    @extend_schema(request=None, responses={201: ChannelTestsOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, site_id: Any) -> Response:
        """Try every channel with a message to the person who asks."""
        actor = actor_of(request)
        site = site_named(request, site_id)
        rows = AlertChannelTest.objects.for_user(actor).filter(site=site)

        def do(key: Any, now: Any) -> Any:
            return alert_sending.test_channels(site=site, by=actor, now=now)

        return write_once(
            request,
            do=do,
            again=lambda _key: list(rows.filter(by=actor.user_id, at=_last_of(rows, actor.user_id))),
            show=lambda found: dict(ChannelTestsOut({"channels": found}).data),
        )


def _last_of(rows: QuerySet[Any], user_id: int | None) -> Any:
    return rows.filter(by=user_id).order_by("-at").values("at")[:1]
