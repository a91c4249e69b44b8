"""The list of products that a site keeps."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.records import save_record
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.facilities.models import Site
from clinic.stock.models import DrugProduct

DETAILS = ("name", "drug", "concentration_micrograms_per_ml", "volume_microlitres", "ndc", "is_active")
ABOVE_ZERO = ("concentration_micrograms_per_ml", "volume_microlitres")
KEEP_LIST = Permission.AUTHOR_PROTOCOL
"""What stands in the cabinet is decided by whoever decides how treatments are given."""


@transaction.atomic(savepoint=False)
def add_product(
    *,
    site: Site,
    details: Mapping[str, Any],
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> DrugProduct:
    """One more product in a site's cabinet.

    Raises:
        Refused: without the right at this site.
        Invalid: a strength or a volume of nought (``product.above_zero``).
        Conflict: the site has a product of this name (``product.exists``).
    """
    by.require(KEEP_LIST, site.pk)
    product = DrugProduct(public_id=public_id or uuid.uuid4(), site=site)
    return _kept(product, details, "product.added", by=by, now=now or clock.now())


@transaction.atomic(savepoint=False)
def edit_product(
    *,
    product: DrugProduct,
    changes: Mapping[str, Any],
    by: Actor,
    expected_revision: int,
    now: datetime | None = None,
) -> DrugProduct:
    """Change some of :data:`DETAILS`; what was prepared from it keeps the strength it was prepared with."""
    by.require(KEEP_LIST, product.site_id)
    rows = DrugProduct.objects.select_related("site").select_for_update(no_key=True, of=("self",))
    return _kept(
        rows.get(pk=product.pk),
        changes,
        "product.edited",
        by=by,
        now=now or clock.now(),
        expected_revision=expected_revision,
    )


def _kept(
    product: DrugProduct,
    details: Mapping[str, Any],
    verb: str,
    *,
    by: Actor,
    now: datetime,
    expected_revision: int | None = None,
) -> DrugProduct:
    for name in DETAILS:
        if name in details:
            setattr(product, name, details[name])
    product.name = product.name.strip()
    if missing := [name for name in ABOVE_ZERO if not getattr(product, name)]:
        raise Invalid(dict.fromkeys(missing, Problem("product.above_zero", _("Enter a number above 0."))))
    same = DrugProduct.objects.filter(site=product.site, name=product.name).exclude(pk=product.pk)
    if same.exists():
        message = _("%(site)s has a product called %(name)s already. Edit that one, or choose another name.")
        raise Conflict(Problem("product.exists", message, {"site": product.site.name, "name": product.name}))
    return save_record(
        product, verb=verb, by=by, now=now, site=product.site, expected_revision=expected_revision
    )
