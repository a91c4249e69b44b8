"""The people of the sites that one manages: listed, added, corrected, closed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.forms.staff import AddMemberForm, DetailsForm, PasswordForm, ReasonForm
from clinic.accounts.operations import staff as operations
from clinic.accounts.reports.people import MANAGE, managed_people, person_rows
from clinic.accounts.reports.places import places_of, sites_with
from clinic.accounts.views.person import answer, person_or_404
from clinic.common.editing import posted_revision, shown_revision, stored_beside_typed
from clinic.common.paging import PER_PAGE, page_number, pages, start_of
from clinic.common.submitting import sent, status_of


@login_required
@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    """Everybody of the sites that one manages, or of one of them."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    actor.require(MANAGE)
    sites = sites_with(MANAGE, actor=actor)
    site = next((site for site in sites if str(site.public_id) == request.GET.get("site")), None)
    closed = request.GET.get("closed") == "1"
    people = managed_people(actor, site_id=site and site.public_id, closed=closed)
    start = start_of(page_number(request))
    context = {
        "rows": person_rows(people[start : start + PER_PAGE], actor=actor),
        "pages": pages(request, total=people.count()),
        "sites": sites,
        "chosen": site,
        "closed": closed,
    }
    return render(request, "accounts/staff.html", context)


@login_required
def add(request: HttpRequest) -> HttpResponse:
    """An account for somebody who starts to work here."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    actor.require(MANAGE)
    sites = {str(site.public_id): site for site in sites_with(MANAGE, actor=actor)}
    form = AddMemberForm(request.POST or None, sites=sites.values())

    def do(key: UUID, now: Any) -> None:
        told = {**form.cleaned_data, "site": sites[form.cleaned_data["site"]]}
        operations.add_member(**told, by=actor, public_id=key, now=now)

    if sent(request, form, do):
        messages.success(
            request, _("%(name)s can sign in now.") % {"name": form.cleaned_data["display_name"]}
        )
        return redirect("accounts:staff")
    return render(request, "accounts/person_add.html", {"form": form}, status=status_of(form))


@login_required
@require_safe
def person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Somebody's account, roles and rights, with what may be changed."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    found = person_or_404(request, user_id)
    context = {
        "person": found,
        "places": [
            (place, actor.can(MANAGE, place.site.pk)) for place in places_of(user_id=found.pk, actor=actor)
        ],
        "is_me": found.pk == actor.user_id,
    }
    return render(request, "accounts/person.html", context)


@login_required
def edit(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Correct a name, a credential, an address."""
    found = person_or_404(request, user_id)
    form = DetailsForm(
        request.POST or None, initial={name: getattr(found, name) for name in operations.DETAILS}
    )

    def do(key: UUID, now: Any) -> None:
        operations.edit_member(
            user=found,
            changes=form.cleaned_data,
            by=request.actor,  # type: ignore[attr-defined]
            expected_revision=posted_revision(request),
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("Saved."))
        return redirect("accounts:person", found.public_id)
    context = {
        "person": found,
        "form": form,
        "revision": shown_revision(request, form, found),
        "conflict": stored_beside_typed(form, row=found),
    }
    return render(request, "accounts/person_edit.html", context, status=status_of(form))


@login_required
def password(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """A new first password for somebody who has forgotten theirs."""
    found = person_or_404(request, user_id)
    form = PasswordForm(request.POST or None)
    return answer(
        request,
        found,
        form,
        do=lambda by, now: operations.reset_password(
            user=found, password=form.cleaned_data["password"], by=by, now=now
        ),
        title=_("Set a new password"),
        lead=_("It ends what this person has open elsewhere."),
        button=_("Set the password"),
        said=_("The new password holds from now on."),
    )


@login_required
def close(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Close an account."""
    found = person_or_404(request, user_id)
    form = ReasonForm(request.POST or None)
    return answer(
        request,
        found,
        form,
        do=lambda by, now: operations.deactivate_user(
            user=found, by=by, reason=form.cleaned_data["reason"], now=now
        ),
        title=_("Close the account"),
        lead=_("No sign-in and no token opens anything any more. What this person did stays theirs."),
        button=_("Close the account"),
        said=_("The account is closed."),
    )


@login_required
def reopen(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Open a closed account again."""
    found = person_or_404(request, user_id)
    form = ReasonForm(request.POST or None)
    return answer(
        request,
        found,
        form,
        do=lambda by, now: operations.reactivate_user(
            user=found, by=by, reason=form.cleaned_data["reason"], now=now
        ),
        title=_("Open the account again"),
        lead=_("The person can sign in again, with the roles that stand here."),
        button=_("Open the account"),
        said=_("The account is open again."),
    )
