from django.contrib.auth.decorators import login_required
from django.urls import path

from clinic.common import drafts, gallery, pages, worker

app_name = "common"
urlpatterns = [
    path("health", pages.health, name="health"),
    path("gallery/", login_required(gallery.gallery), name="gallery"),
    path("drafts/", login_required(drafts.draft), name="draft"),
    path("theme/", pages.theme, name="theme"),
    path("worker.js", worker.worker, name="worker"),
    path("offline/", worker.offline, name="offline"),
]
