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
    assert modules and hashed.keys() == modules
    written = {name: imported(tmp_path / name) for name in modules}
    assert any(written.values())
    for name, new in hashed.items():
        assert new != name and (tmp_path / new).exists()
        assert not re.search(r'from "\./\w+\.js"', (tmp_path / new).read_text())
        wanted = {hashed[f"clinic/offline/{other}"] for other in written[name]}
        assert {f"clinic/offline/{other}" for other in imported(tmp_path / new)} == wanted


def imported(module):
    return set(re.findall(r'from "\./([\w.]+)"', module.read_text()))
