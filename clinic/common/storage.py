"""Static files with a hash in their name, compressed, for ever cacheable."""

from django.conf import settings
from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Falls back to the plain names while ``collectstatic`` has not run, as in development and in tests."""

    manifest_strict = False
    # A module of ours is imported by the hashed name of the file that it was released with, and no other. Django's
    # own switch for this would read everybody's scripts, and some name what only a bundler finds.
    patterns = (
        *HashedFilesMixin.patterns,
        ("clinic/offline/*.js", ((r"""(?P<matched>from "(?P<url>\./[^"]+)")""", 'from "%(url)s"'),)),
    )

    def url(self, name: str | None, force: bool = False) -> str:
        if not self.hashed_files and not settings.DEBUG:
            return str(super(CompressedManifestStaticFilesStorage, self).base_url or "") + (name or "")
        return str(super().url(name, force))
