"""Access for other systems: issued, listed, revoked."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.accounts.api.contract import (
    KEY_HEADER,
    actor_of,
    checked,
    create_with_secret,
    found_or_404,
    is_for_the_document,
    write_once,
)
from clinic.accounts.models import ApiToken, User
from clinic.accounts.operations.tokens import issue_token, revoke_token
from clinic.accounts.permissions import Permission


class TokenOut(serializers.ModelSerializer[ApiToken]):
    """A token, without its text."""

    id = serializers.UUIDField(source="public_id")
    owner = serializers.UUIDField(source="user.public_id")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Permission.choices))

    class Meta:
        model = ApiToken
        fields = ["id", "name", "owner", "prefix", "scopes", "created_at", "expires_at", "revoked_at"]


class IssuedTokenOut(TokenOut):
    """A token just made. Its text comes this once; a repeated request gives null, so revoke it and make another."""

    text = serializers.CharField(allow_null=True, default=None)

    class Meta(TokenOut.Meta):
        fields = [*TokenOut.Meta.fields, "text"]


class TokenIn(serializers.Serializer[Any]):
    """A token for oneself; it never gives more than its owner may do."""

    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Permission.choices), allow_empty=False
    )
    days = serializers.IntegerField(min_value=1, max_value=366)


class TokenList(ListAPIView[ApiToken]):
    """One's own tokens, and those of the people whose access one manages; the newest first."""

    serializer_class = TokenOut

    def get_queryset(self) -> QuerySet[ApiToken]:
        if is_for_the_document(self):
            return ApiToken.objects.none()
        rows: QuerySet[ApiToken] = ApiToken.objects.for_user(actor_of(self.request)).select_related("user")
        return rows.order_by("-created_at", "-pk")

    @extend_schema(request=TokenIn, responses={201: IssuedTokenOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Issue a token to oneself. Only somebody signed in can; a token cannot make another."""
        data, actor = checked(TokenIn(data=request.data)), actor_of(request)
        life = timedelta(days=data.pop("days"))
        user: User = request.user  # type: ignore[assignment]
        return create_with_secret(
            request,
            lambda key, now: issue_token(user=user, **data, life=life, by=actor, public_id=key, now=now),
            rows=self.get_queryset,
            show=lambda token: TokenOut(token).data,
            told_as="text",
        )


class TokenRevoke(APIView):
    """The end of a token."""

    @extend_schema(request=None, responses=TokenOut, parameters=[KEY_HEADER])
    def post(self, request: Request, token_id: Any) -> Response:
        """End the token now. Whatever uses it is refused from the next request on."""
        rows = ApiToken.objects.for_user(actor_of(request)).select_related("user")
        token = found_or_404(rows, token_id)
        return write_once(
            request,
            do=lambda key, now: revoke_token(token=token, by=actor_of(request), now=now),
            again=lambda key: found_or_404(rows, token_id),
            show=lambda found: TokenOut(found).data,
            created=False,
        )
