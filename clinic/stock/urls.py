from django.urls import path

from clinic.stock.views import products

app_name = "stock"
urlpatterns = [
    path("sites/<uuid:site_id>/products/", products.products, name="products"),
    path("sites/<uuid:site_id>/products/add/", products.add, name="product-add"),
    path("products/<uuid:product_id>/edit/", products.edit, name="product-edit"),
]
