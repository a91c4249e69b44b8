from django.apps import AppConfig


class StockConfig(AppConfig):
    name = "clinic.stock"
    label = "stock"
