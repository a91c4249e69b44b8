from django.http import HttpRequest

from clinic.accounts.actor import Actor


class StaffRequest(HttpRequest):
    """What a view gets once somebody has signed in; :class:`clinic.accounts.middleware.ActorMiddleware` sets it."""

    actor: Actor
