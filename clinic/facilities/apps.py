from django.apps import AppConfig


class FacilitiesConfig(AppConfig):
    name = "clinic.facilities"
    label = "facilities"
