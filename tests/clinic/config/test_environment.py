"""What an address of a database says."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from clinic.config.environment import database_settings


@pytest.mark.parametrize(
    ("query", "threshold"), [("", 2), ("?prepare=no", None), ("?prepare=no&host=/run/postgresql", None)]
)
def test_plans_are_kept_unless_a_pooler_stands_between(tmp_path, query, threshold):
    found = database_settings(f"postgres://ana@db.example/clinic{query}", tmp_path)
    assert found["OPTIONS"] == {"server_side_binding": True, "prepare_threshold": threshold}
    assert found["HOST"] == ("/run/postgresql" if "host=" in query else "db.example")


def test_another_kind_of_database_is_refused_in_words(tmp_path):
    with pytest.raises(ImproperlyConfigured, match="it must start with postgres://"):
        database_settings("mysql://ana@db.example/clinic", tmp_path)


def test_without_an_address_it_is_a_file(tmp_path):
    assert database_settings("", tmp_path / "data")["NAME"] == tmp_path / "data" / "clinic.sqlite3"
    assert (tmp_path / "data").is_dir()
