from clinic.stock.models.product import DrugProduct

__all__ = ["DrugProduct"]
