"""Modules in a release: each is imported by the hashed name of the file that it was released with."""

import re
import shutil

from django.contrib.staticfiles.storage import ManifestFilesMixin

from clinic.common.storage import StaticFilesStorage
from clinic.common.worker import STATIC


def test_a_module_imports_what_it_was_released_with(tmp_path):
    shutil.copytree(STATIC, tmp_path, dirs_exist_ok=True)
    storage = StaticFilesStorage(location=tmp_path, base_url="/static/")
    modules = {f"clinic/offline/{path.name}" for path in (tmp_path / "clinic/offline").glob("*.js")}
    found = ManifestFilesMixin.post_process(storage, {name: (storage, name) for name in modules})
    hashed = {name: new for name, new, _ in found}
    assert hashed.keys() == modules
    for new in hashed.values():
        text = (tmp_path / new).read_text()
        assert not re.search(r'from "\./\w+\.js"', text)
        for name in re.findall(r'from "\./([\w.]+)"', text):
            assert (tmp_path / "clinic/offline" / name).exists()
