"""Finding a patient. What is typed travels in the body of a POST: a name never stands in an address or a log."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.facilities.current import current_site
from patients.reading.search_terms import MAX_LENGTH
from patients.reports.listing import by_name, listed, recently_registered
from patients.reports.searching import LIMIT, find_patients
from patients.views.opening import actor_of

PAGE_SIZE = 50


@login_required
@require_safe
def patient_list(request: HttpRequest) -> HttpResponse:
    """The search box, and below it whoever was registered last, or everybody from A to Z."""
    actor = actor_of(request)
    actor.require(Permission.VIEW_PATIENTS)
    today = clock.local_date(clock.now(), current_site(request).time_zone)
    page = None
    if request.GET.get("order") == "name":
        page = Paginator(by_name(actor), PAGE_SIZE).get_page(request.GET.get("page"))
        rows = listed(page.object_list, today=today)
    else:
        rows = listed(recently_registered(actor), today=today)
    return render(request, "patients/list.html", {"rows": rows, "page": page, **_rights(request)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """The search and what it has found; only the list where htmx asks while somebody types."""
    actor = actor_of(request)
    actor.require(Permission.VIEW_PATIENTS)
    term = request.POST.get("term", "").strip()[:MAX_LENGTH]
    found, has_more = find_patients(term, actor=actor)
    today = clock.local_date(clock.now(), current_site(request).time_zone)
    context = {"term": term, "rows": listed(found, today=today), "has_more": has_more, "limit": LIMIT}
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "patients/_found.html" if is_fragment else "patients/search.html"
    return render(request, template, context | _rights(request))


def _rights(request: HttpRequest) -> dict[str, bool]:
    actor = actor_of(request)
    return {
        "may_register": actor.can(Permission.EDIT_PATIENTS),
        "may_import": actor.can(Permission.IMPORT_PATIENTS),
    }
