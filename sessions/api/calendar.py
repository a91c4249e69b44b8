"""The address of one's own calendar: made, replaced, revoked. The calendar itself is no route of the API."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions.api.contract import (
    KEY_HEADER,
    actor_of,
    checked,
    create_with_secret,
    found_or_404,
    is_for_the_document,
    write_once,
)
from sessions.models import CalendarFeed
from sessions.operations.calendar_feeds import make_feed, replace_feed, revoke_feed


class FeedOut(serializers.ModelSerializer[CalendarFeed]):
    """An address, without its secret."""

    id = serializers.UUIDField(source="public_id")

    class Meta:
        model = CalendarFeed
        fields = ["id", "only_mine", "created_at", "last_read_at", "revoked_at"]


class MadeFeedOut(FeedOut):
    """An address just made. It comes this once; a repeated request gives null, so replace it."""

    address = serializers.CharField(allow_null=True, default=None)

    class Meta(FeedOut.Meta):
        fields = [*FeedOut.Meta.fields, "address"]


class FeedIn(serializers.Serializer[Any]):
    """Which visits it shows."""

    only_mine = serializers.BooleanField(default=True, help_text="False: all visits at the caller's sites.")


def _made(request: Request, operation: Callable[..., Any]) -> Response:
    data, actor = checked(FeedIn(data=request.data)), actor_of(request)

    def make(key: Any, now: datetime) -> tuple[CalendarFeed, str]:
        feed, secret = operation(**data, by=actor, public_id=key, now=now)
        return feed, request.build_absolute_uri(reverse("sessions:calendar-feed", args=[secret]))

    return create_with_secret(
        request,
        make,
        rows=lambda: CalendarFeed.objects.for_user(actor),
        show=lambda feed: FeedOut(feed).data,
        told_as="address",
    )


class FeedList(ListAPIView[CalendarFeed]):
    """One's own addresses, the newest first; at most one stands."""

    serializer_class = FeedOut

    def get_queryset(self) -> QuerySet[CalendarFeed]:
        if is_for_the_document(self):
            return CalendarFeed.objects.none()
        rows: QuerySet[CalendarFeed] = CalendarFeed.objects.for_user(actor_of(self.request))
        return rows.order_by("-created_at", "-pk")

    @extend_schema(request=FeedIn, responses={201: MadeFeedOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Make one's address. Only somebody signed in can: it would outlive a token."""
        return _made(request, make_feed)


class FeedReplace(APIView):
    """Another address."""

    @extend_schema(request=FeedIn, responses={201: MadeFeedOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, feed_id: Any) -> Response:
        """Make another address and end this one. The new row is another, with an id of its own."""
        found_or_404(CalendarFeed.objects.for_user(actor_of(request)), feed_id)
        return _made(request, replace_feed)


class FeedRevoke(APIView):
    """The end of an address."""

    @extend_schema(request=None, responses=FeedOut, parameters=[KEY_HEADER])
    def post(self, request: Request, feed_id: Any) -> Response:
        """End the address now."""
        rows = CalendarFeed.objects.for_user(actor_of(request))
        feed = found_or_404(rows, feed_id)
        return write_once(
            request,
            do=lambda key, now: revoke_feed(feed=feed, by=actor_of(request), now=now),
            again=lambda key: found_or_404(rows, feed_id),
            show=lambda found: FeedOut(found).data,
            created=False,
        )
