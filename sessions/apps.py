from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions"
    # django.contrib.sessions owns the label "sessions".
    label = "infusion_sessions"

    def ready(self) -> None:
        from sessions.operations import review_climbing  # noqa: F401 - hears of reviews that nobody has yet
