"""The key of what a tablet keeps, given to its author's page only."""

import base64

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from clinic.accounts.operations.outbox_keys import hand_out_key
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.outbox import milliseconds


@login_required
@require_POST
def key(request: StaffRequest) -> HttpResponse:
    """My key; the page imports it so that no script can read it out again."""
    now = clock.now()
    found = hand_out_key(by=request.actor, now=now)
    body = {"author": str(request.user.public_id), "key": base64.b64encode(found).decode()}  # type: ignore[union-attr]
    return JsonResponse(body | {"now": milliseconds(now)})
