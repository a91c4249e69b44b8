"""The drug products of a site."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.actor import Actor
from clinic.audit.records import snapshot
from clinic.common.editing import posted_revision, shown_revision, stored_beside_typed
from clinic.common.submitting import sent, status_of
from clinic.facilities.models import Site
from clinic.stock.forms.products import ProductChangeForm, ProductForm
from clinic.stock.models import DrugProduct
from clinic.stock.operations import products as operations


@login_required
@require_safe
def products(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """What is kept at a site, and what is kept no more."""
    actor, site = _actor(request), _site_or_404(request, site_id)
    context = {
        "site": site,
        "products": DrugProduct.objects.for_user(actor).filter(site=site).order_by("-is_active", "name"),
        "may_edit": actor.can(operations.KEEP_LIST, site.pk),
    }
    return render(request, "stock/products.html", context)


@login_required
def add(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """One more product."""
    actor, site = _actor(request), _site_or_404(request, site_id)
    actor.require(operations.KEEP_LIST, site.pk)
    form = ProductForm(request.POST or None)

    def do(key: UUID, now: Any) -> None:
        operations.add_product(site=site, details=form.cleaned_data, by=actor, public_id=key, now=now)

    if sent(request, form, do):
        messages.success(request, _("%(name)s is added.") % {"name": form.cleaned_data["name"]})
        return redirect("stock:products", site.public_id)
    context = {"form": form, "site": site, "title": _("Add a product"), "button": _("Add it")}
    return render(request, "stock/product_form.html", context, status=status_of(form))


@login_required
def edit(request: HttpRequest, product_id: UUID) -> HttpResponse:
    """Another name or strength, or no longer kept."""
    actor = _actor(request)
    rows = DrugProduct.objects.for_user(actor).select_related("site")
    product = get_object_or_404(rows, public_id=product_id)
    actor.require(operations.KEEP_LIST, product.site_id)
    form = ProductChangeForm(request.POST or None, initial=snapshot(product))

    def do(key: UUID, now: Any) -> None:
        operations.edit_product(
            product=product,
            changes=form.cleaned_data,
            by=actor,
            expected_revision=posted_revision(request),
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("Saved."))
        return redirect("stock:products", product.site.public_id)
    product.refresh_from_db()
    context = {
        "form": form,
        "site": product.site,
        "title": _("Edit a product"),
        "button": _("Save"),
        "revision": shown_revision(request, form, product),
        "conflict": stored_beside_typed(form),
    }
    return render(request, "stock/product_form.html", context, status=status_of(form))


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _site_or_404(request: HttpRequest, site_id: UUID) -> Site:
    found: Site = get_object_or_404(Site.objects.for_user(_actor(request)), public_id=site_id)
    return found
