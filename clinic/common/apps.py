from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "clinic.common"
    label = "common"

    def ready(self) -> None:
        from clinic.common import checks  # noqa: F401 - registers itself
