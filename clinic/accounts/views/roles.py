"""Roles given, changed and ended; single rights given and withdrawn; and who can do what."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.forms.staff import ChangeRoleForm, GiveRoleForm, GrantRightForm, ReasonForm
from clinic.accounts.operations import roles as operations
from clinic.accounts.permissions import Permission
from clinic.accounts.reports.people import MANAGE, role_names
from clinic.accounts.reports.places import known, sites_with
from clinic.accounts.reports.rights import by_sites, who_can_do_what
from clinic.accounts.views.person import answer, membership_or_404, or_gone, person_or_404


@login_required
@require_safe
def rights(request: HttpRequest) -> HttpResponse:
    """Who can do what: for whoever manages staff, and for whoever reads the audit."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    if not (actor.can(MANAGE) or actor.can(Permission.VIEW_AUDIT)):
        actor.require(MANAGE)
    found = who_can_do_what(actor=actor)
    rows = [(right, by_sites(right.holders)) for right in found]
    context = {"rows": rows, "roles": role_names()}
    return render(request, "accounts/rights.html", context)


@login_required
def give(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One more role for somebody."""
    person = person_or_404(request, user_id)
    offered = sites_with(MANAGE, actor=request.actor)  # type: ignore[attr-defined]
    sites = {str(site.public_id): site for site in offered}
    form = GiveRoleForm(request.POST or None, sites=sites.values())

    def do(by: Any, now: Any) -> None:
        site = sites[form.cleaned_data["site"]]
        operations.give_role(user=person, site=site, role=form.cleaned_data["role"], by=by, now=now)

    return answer(
        request,
        person,
        form,
        do=do,
        title=_("Give a role"),
        lead=_("It adds to the roles that the person has already."),
        button=_("Give the role"),
        said=_("The role is given."),
    )


@login_required
@or_gone
def change(request: HttpRequest, user_id: UUID, site_id: UUID, role: str) -> HttpResponse:
    """Another role in place of this one."""
    person = person_or_404(request, user_id)
    membership = membership_or_404(request, person, site_id, role)
    form = ChangeRoleForm(request.POST or None)
    return answer(
        request,
        person,
        form,
        do=lambda by, now: operations.change_role(membership=membership, **form.cleaned_data, by=by, now=now),
        title=_("Change the role"),
        lead=_("Now %(role)s at %(site)s. Single rights given with this role end with it.")
        % _named(membership),
        button=_("Change the role"),
        said=_("The role is changed."),
    )


@login_required
@or_gone
def end(request: HttpRequest, user_id: UUID, site_id: UUID, role: str) -> HttpResponse:
    """End a role; without any role left at one's sites, the person leaves one's list."""
    person = person_or_404(request, user_id)
    membership = membership_or_404(request, person, site_id, role)
    form = ReasonForm(request.POST or None)
    return answer(
        request,
        person,
        form,
        do=lambda by, now: operations.end_membership(
            membership=membership, **form.cleaned_data, by=by, now=now
        ),
        title=_("End the role"),
        lead=_("Now %(role)s at %(site)s. What the person did in it stays theirs.") % _named(membership),
        button=_("End the role"),
        said=_("The role has ended."),
    )


@login_required
def grant(request: HttpRequest, user_id: UUID, site_id: UUID, role: str) -> HttpResponse:
    """A single right beyond the role."""
    person = person_or_404(request, user_id)
    membership = membership_or_404(request, person, site_id, role)
    held = {right.permission for right in membership.role.rights.all()}
    form = GrantRightForm(request.POST or None, rights=known(set(Permission.values) - held))
    return answer(
        request,
        person,
        form,
        do=lambda by, now: operations.grant_right(membership=membership, **form.cleaned_data, by=by, now=now),
        title=_("Give a single right"),
        lead=_("Beyond %(role)s at %(site)s, such as approving protocols.") % _named(membership),
        button=_("Give the right"),
        said=_("The right is given."),
    )


@login_required
def withdraw(request: HttpRequest, user_id: UUID, site_id: UUID, role: str, permission: str) -> HttpResponse:
    """Take a single right back."""
    person = person_or_404(request, user_id)
    membership = membership_or_404(request, person, site_id, role)
    if permission not in Permission.values:
        raise Http404
    form = ReasonForm(request.POST or None)
    return answer(
        request,
        person,
        form,
        do=lambda by, now: operations.withdraw_right(
            membership=membership, permission=permission, **form.cleaned_data, by=by, now=now
        ),
        title=_("Take a right back"),
        lead=f"{Permission(permission).label}. "
        + _("Given beyond %(role)s at %(site)s.") % _named(membership),
        button=_("Take the right back"),
        said=_("The right is taken back."),
    )


def _named(membership: Any) -> dict[str, str]:
    return {"role": membership.role.name, "site": membership.site.name}
