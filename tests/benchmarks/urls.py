from django.urls import include, path

from clinic.config import urls
from tests.benchmarks.floor import FloorInsert, FloorList

handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)
urlpatterns = [
    path("floor/insert/", FloorInsert.as_view()),
    path("floor/list/", FloorList.as_view()),
    path("", include("clinic.config.urls")),
]
