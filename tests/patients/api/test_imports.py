import io
import uuid

import pytest

from patients.models import ImportBatch, Patient
from tests.patients.api.client import Api
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

FILE = "Id,First,Last,DOB\na1,Ana,García,1984-03-12\na2,Eva,García,1984-03-12\na3,,,1990-01-01\n"


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def api(site):
    return Api(staff("front_desk", site))


def staged(api, site, text=FILE, **body):
    answer = api.post("imports/", {"site": str(site.public_id), "content": text, "file_name": "a.csv"} | body)
    assert answer.status_code == 201, answer.json()
    return answer.json()


def test_the_whole_way(api, site):
    batch = staged(api, site)
    path = f"imports/{batch['id']}/"
    assert batch["mapping"] == {
        "source_id": "Id",
        "given_name": "First",
        "family_name": "Last",
        "birth_date": "DOB",
    }
    mapped = api.post(f"{path}columns/", {"mapping": batch["mapping"]}).json()
    assert (mapped["counts"]["new"], mapped["counts"]["possible_duplicate"], mapped["counts"]["refused"]) == (
        1,
        1,
        1,
    )
    rows = api.get(f"{path}rows/", verdict="refused").json()["results"]
    assert rows[0]["reasons"] == [{"code": "no_name", "detail": "No family name."}]
    assert api.post(f"{path}choose/", {"chosen": [3], "among": [2, 3, 4]}).status_code == 200
    assert api.post(f"{path}start/").json()["progress"] == {"done": 0, "total": 3}
    done = api.post(f"{path}next/").json()
    assert (done["state"], done["progress"], done["created_count"]) == ("done", {"done": 3, "total": 3}, 2)
    assert Patient.objects.count() == 2
    assert api.get(f"{path}rows/").json()["results"][0]["cells"] == []


def test_a_chunk_sent_twice_is_one_chunk(api, site):
    batch = staged(api, site)
    path = f"imports/{batch['id']}/"
    api.post(f"{path}columns/", {"mapping": batch["mapping"]})
    start, chunk = uuid.uuid4(), uuid.uuid4()
    assert [api.post(f"{path}start/", key=start).status_code for _ in range(2)] == [200, 200]
    assert [api.post(f"{path}next/", key=chunk).json()["state"] for _ in range(2)] == ["done", "done"]


def test_a_file_of_a_form(api, site):
    upload = io.BytesIO(FILE.encode("utf-16"))
    upload.name = "export.csv"
    answer = api.upload("imports/", {"site": str(site.public_id), "file": upload})
    assert answer.status_code == 201, answer.json()
    assert answer.json()["file_name"] == "export.csv"
    assert answer.json()["encoding"] == "utf-16"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04bomb", "import.file_binary"),
        ("Ana;Müller".encode("cp1252"), "import.file_encoding"),
        (b"", "import.file_empty"),
    ],
)
def test_files_that_are_none(api, site, content, code):
    upload = io.BytesIO(content)
    upload.name = "export.csv"
    answer = api.upload("imports/", {"site": str(site.public_id), "file": upload})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not ImportBatch.objects.exists()


def test_nothing_sent(api, site):
    answer = api.post("imports/", {"site": str(site.public_id)})
    assert (answer.status_code, answer.json()["code"]) == (422, "import.file_missing")


def test_a_column_that_is_not_there(api, site):
    batch = staged(api, site)
    answer = api.post(
        f"imports/{batch['id']}/columns/", {"mapping": {"family_name": "Nope", "birth_date": "DOB"}}
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "family_name")


def test_imports_are_seen_where_one_may_import(api, site):
    batch = staged(api, site)
    for actor in (staff("nurse", site), staff("front_desk", make_site("south"))):
        other = Api(actor)
        assert other.get("imports/").json()["count"] == 0
        assert other.get(f"imports/{batch['id']}/").status_code == 404
        assert other.post(f"imports/{batch['id']}/start/").status_code == 404
        assert other.get(f"imports/{batch['id']}/rows/").status_code == 404
    nurse = Api(staff("nurse", site))
    answer = nurse.post("imports/", {"site": str(site.public_id), "content": FILE})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission.missing")


def test_discard(api, site):
    batch = staged(api, site)
    assert api.post(f"imports/{batch['id']}/discard/").json()["state"] == "discarded"
    assert api.get(f"imports/{batch['id']}/rows/").json()["count"] == 0
