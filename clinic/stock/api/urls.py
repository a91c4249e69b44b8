from django.urls import path

from clinic.stock.api import products

app_name = "stock-api"

urlpatterns = [
    path("products/", products.ProductList.as_view(), name="products"),
    path("products/<uuid:product_id>/", products.ProductDetail.as_view(), name="product"),
]
