"""The drug products of the caller's sites."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.accounts.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    actor_of,
    answer,
    checked,
    create_with,
    edit_with,
    found_or_404,
    is_for_the_document,
)
from clinic.common.api.fields import Thousandths
from clinic.facilities.api.sites import site_named
from clinic.stock.models import DrugProduct
from clinic.stock.operations import products as operations


class ProductChange(serializers.Serializer[Any]):
    """What a product is."""

    name = serializers.CharField(max_length=120)
    drug = serializers.CharField(max_length=80)
    concentration_mg_per_ml = Thousandths(source="concentration_micrograms_per_ml", max_value=2_000_000)
    volume_ml = Thousandths(source="volume_microlitres", max_value=2_000_000)
    ndc = serializers.CharField(max_length=20, allow_blank=True, default="")
    is_active = serializers.BooleanField(default=True, help_text="Kept here: it can be chosen.")


class ProductIn(ProductChange):
    """A product and its site."""

    site = serializers.UUIDField()


class ProductOut(ProductChange):
    """A product of a site."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.UUIDField(source="site.public_id")
    revision = serializers.IntegerField()


class ProductFilter(filters.FilterSet):
    """By site, and whether it is still kept."""

    site = filters.UUIDFilter(field_name="site__public_id")
    is_active = filters.BooleanFilter()

    class Meta:
        model = DrugProduct
        fields: list[str] = []


def _shown(product: DrugProduct) -> dict[str, Any]:
    return ProductOut(product).data


class ProductRoute(GenericAPIView[DrugProduct]):
    """A route of products within reach."""

    serializer_class = ProductOut

    def get_queryset(self) -> QuerySet[DrugProduct]:
        if is_for_the_document(self):
            return DrugProduct.objects.none()
        return DrugProduct.objects.for_user(actor_of(self.request)).select_related("site").order_by("pk")

    def product(self) -> DrugProduct:
        found: DrugProduct = found_or_404(self.get_queryset(), self.kwargs["product_id"])
        return found


class ProductList(ProductRoute, ListAPIView[DrugProduct]):
    """Products of the caller's sites; those kept no more too."""

    filterset_class = ProductFilter

    @extend_schema(request=ProductIn, responses={201: ProductOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """One more product in a site's cabinet."""
        details = checked(ProductIn(data=request.data))
        site = site_named(request, details.pop("site"))
        return create_with(
            request, operations.add_product, rows=self.get_queryset, show=_shown, site=site, details=details
        )


class ProductDetail(ProductRoute):
    """One product."""

    @extend_schema(responses=ProductOut)
    def get(self, request: Request, product_id: Any) -> Response:
        """The product, with the ETag that its next edit names."""
        return answer(self.product(), _shown)

    @extend_schema(request=ProductChange(partial=True), responses=ProductOut, parameters=[REVISION_HEADER])
    def patch(self, request: Request, product_id: Any) -> Response:
        """Change it. What was prepared from it keeps the strength it was prepared with."""
        return edit_with(
            ProductChange,
            request,
            operations.edit_product,
            show=_shown,
            as_="changes",
            product=self.product(),
        )
