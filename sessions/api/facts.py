"""What the routes of every kind of fact share: a session's rows are listed, one is written once."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.accounts.models import Correctable
from sessions.api.contract import SessionRoute, actor_of, create_with, found_or_404, is_for_the_document


class FactRoute(SessionRoute, GenericAPIView[Any]):
    """A route of one kind of fact of one session; a subclass names the kind and how it is answered."""

    model: Any

    def get_queryset(self) -> QuerySet[Any]:
        if is_for_the_document(self):
            none: QuerySet[Any] = self.model.objects.none()
            return none
        return self.named(self.scoped())

    def scoped(self) -> QuerySet[Any]:
        """The rows of the session of the address, where it is within reach."""
        return self.of_session(self.model)

    def of_session(self, model: Any) -> QuerySet[Any]:
        """The rows of any kind of that session."""
        rows: QuerySet[Any] = model.objects.for_user(actor_of(self.request))
        return rows.filter(session__public_id=self.kwargs["session_id"])

    def named(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """With the people who took and entered them, and what corrects what."""
        rows = rows.select_related("taken_by", "entered_by")
        if not issubclass(self.model, Correctable):
            return rows
        return rows.select_related("corrects").annotate(is_superseded=Q(corrected_by__isnull=False))

    def fact(self) -> Any:
        """The row of the address with its session."""
        return self.fact_of(self.model)

    def fact_of(self, model: Any) -> Any:
        """The same where the address names another kind of row than the route writes."""
        rows = self.of_session(model).select_related("session")
        if issubclass(model, Correctable):
            rows = rows.select_related("taken_by")
        return found_or_404(rows, self.kwargs["fact_id"])

    def write(self, operation: Callable[..., Any], **given: Any) -> Response:
        """Run an operation that appends one row, whose id is the key of the request."""
        return create_with(
            self.request,
            operation,
            rows=self.get_queryset,
            show=lambda row: self.get_serializer(row).data,
            **given,
        )


class FactList(ListModelMixin, FactRoute):
    """All rows of one kind in a session, in the order of their times; struck and corrected ones too."""

    def get(self, request: Request, session_id: Any) -> Response:
        self.session()
        return self.list(request)
