"""Medicines at the chairside: the sheet of orders, what was given, verbal orders, and what it did."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.submitting import KEY_FIELD, sent, status_of
from clinic.common.worker import keep_for
from sessions.forms.medicines import EffectForm, GiveForm, OrderForm, VerbalOrderForm
from sessions.forms.monitoring import ReasonForm
from sessions.models import InfusionSession, MedicationGiven, MedicineOrder, StandingOrder
from sessions.operations import medicines as operations
from sessions.operations.ordering_medicines import order_medicine, take_verbal_order
from sessions.reports.medicines import medicines_panel
from sessions.rules.responsible import responsible_prescriber
from sessions.views.loading import session_row
from sessions.views.reaching import banner_at


@login_required
@require_safe
def sheet(request: StaffRequest, session_id: Any) -> HttpResponse:
    """What may be given by which order, as big buttons, and what was given."""
    session = session_row(request, session_id)
    # What is given in an emergency names its order without network, too: of those that the kept page holds.
    return keep_for(_sheet(request, session), request.user)


def _sheet(request: StaffRequest, session: InfusionSession, refused: Any = None) -> HttpResponse:
    panel = medicines_panel(session, actor=request.actor, now=clock.now())
    prefetch_related_objects([session], "side_effects")
    offers = [
        (offer, GiveForm(session=session, order=offer.order, auto_id=f"give_{offer.order.public_id}_%s"))
        for offer in ((*panel.ordered, *panel.standing) if panel.may_record else ())
    ]
    context = {"medicines": panel, "refused": refused, "offers": offers}
    return _page(request, "sheet", session, context, status_of(refused) if refused else 200)


@login_required
def give(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Record a medicine that was given, by the order that form or address names, or by none."""
    session, actor = session_row(request, session_id), request.actor
    orders = _orders_named(request, session)
    order = next(filter(None, orders.values()), None)
    form = GiveForm(request.POST or None, session=session, order=order, auto_id="give_%s")

    def do(key: Any, now: Any) -> None:
        operations.give_medicine(
            session=session,
            **orders,
            **form.given(),
            by=actor,
            taken_at=form.moment(now),
            now=now,
            public_id=key,
        )

    if sent(request, form, do):
        messages.success(request, _("Recorded as given."))
        return redirect("sessions:session", session.public_id)
    refusal = getattr(form, "refusal", None)
    context = {"form": form, "order": order, "refusal": refusal, "departs": order is None or bool(refusal)}
    return _page(request, "give", session, context, status_of(form))


def _orders_named(request: StaffRequest, session: InfusionSession) -> dict[str, Any]:
    """The order that form or address names: a standing one, or one of this session.

    Raises:
        Http404: it is neither.
    """
    found: dict[str, Any] = {"standing_order": None, "order": None}
    if named := request.POST.get("standing") or request.GET.get("standing"):
        found["standing_order"] = _by_id(StandingOrder.objects.for_user(request.actor), named)
    elif named := request.POST.get("order") or request.GET.get("order"):
        mine = MedicineOrder.objects.for_user(request.actor).filter(session=session)
        found["order"] = _by_id(mine, named)
    return found


def _by_id(rows: Any, named: str) -> Any:
    try:
        return get_object_or_404(rows, public_id=named)
    except ValueError:
        raise Http404 from None


@login_required
def verbal_order(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Write down an order given by word of mouth, then go on to what was given by it."""
    session, actor = session_row(request, session_id), request.actor
    named = responsible_prescriber(session.site, clock.now())
    form = VerbalOrderForm(
        request.POST or None, session=session, first=named.user_id if named else None, auto_id="verbal_%s"
    )

    def do(key: Any, now: Any) -> None:
        typed = form.cleaned_data
        take_verbal_order(
            session=session,
            said=form.said,
            ordered_by=form.prescriber,
            words=typed["words"],
            read_back=typed["read_back"],
            by=actor,
            taken_at=form.moment(now),
            now=now,
            public_id=key,
        )

    if sent(request, form, do):
        return _go_on(request, session, _("Verbal order written down. It waits to be co-signed."))
    return _page(request, "verbal_order", session, {"form": form, "named": named}, status_of(form))


@login_required
def order(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Order a medicine for this session, as its prescriber."""
    session, actor = session_row(request, session_id), request.actor
    actor.require(Permission.ORDER_COURSE, session.site_id)
    form = OrderForm(request.POST or None, auto_id="order_%s")

    def do(key: Any, now: Any) -> None:
        order_medicine(session=session, said=form.said, by=actor, now=now, public_id=key)

    if sent(request, form, do):
        messages.success(request, _("Ordered for this session."))
        return redirect("sessions:medicines", session.public_id)
    return _page(request, "order", session, {"form": form}, status_of(form))


def _go_on(request: StaffRequest, session: InfusionSession, said: str) -> HttpResponse:
    messages.success(request, said)
    response = redirect("sessions:medicine-give", session.public_id)
    response["Location"] += f"?order={request.POST[KEY_FIELD]}"
    return response


@login_required
def effect(request: StaffRequest, session_id: Any, given_id: Any) -> HttpResponse:
    """Say what a medicine did."""
    session, actor = session_row(request, session_id), request.actor
    given = _given_or_404(request, session, given_id)
    form = EffectForm(request.POST or None)

    def do(key: Any, now: Any) -> None:
        operations.note_effect(given=given, **form.cleaned_data, by=actor, now=now, public_id=key)

    if sent(request, form, do):
        messages.success(request, _("Effect recorded."))
        return redirect("sessions:session", session.public_id)
    if request.method != "POST":
        return redirect("sessions:medicines", session.public_id)
    return _sheet(request, session, refused=form)


@login_required
def retract(request: StaffRequest, session_id: Any, given_id: Any) -> HttpResponse:
    """Strike a medicine that was entered in error."""
    session, actor = session_row(request, session_id), request.actor
    given = _given_or_404(request, session, given_id)
    form = ReasonForm(request.POST or None)

    def do(key: Any, now: Any) -> None:
        reason = form.cleaned_data["reason"]
        operations.retract_medicine(given=given, reason=reason, by=actor, now=now, public_id=key)

    if sent(request, form, do):
        messages.success(request, _("Struck. The entry stays readable."))
        return redirect("sessions:session", session.public_id)
    return _page(request, "retract", session, {"form": form, "given": given}, status_of(form))


def _given_or_404(request: StaffRequest, session: InfusionSession, given_id: Any) -> MedicationGiven:
    mine = MedicationGiven.objects.for_user(request.actor).filter(session=session)
    found: MedicationGiven = get_object_or_404(mine, public_id=given_id)
    return found


def _page(
    request: StaffRequest, name: str, session: InfusionSession, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    about = {
        "session": session,
        "site": session.site,
        "banner": banner_at(request, session.patient, session.site),
    }
    return render(request, f"sessions/medicines/{name}.html", about | context, status=status)
