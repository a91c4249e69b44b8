from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from patients.models import Identifier, ImportBatch, ImportRow, Patient, ReferringClinician, Registration
from patients.operations.importing import (
    choose_rows,
    discard_import,
    map_columns,
    run_next_chunk,
    stage_import,
    start_import,
)
from tests.patients.scenes import registered_patient
from tests.refusals import refused
from tests.scenes import make_site, staff

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
FILE = """Id,First,Last,DOB,Gender,SSN
a1,Ana,García,1984-03-12,F,999-00-0001
a2,Ольга,Иванова,1990-01-01,F,999-00-0002
a3,=1+1,Formula,1971-05-05,M,999-00-0003
a4,Baby,Ruiz,2025-12-01,M,
a5,,,1990-01-01,M,
a6,Max,Future,2031-01-01,M,
a7,Eva,García,1984-03-12,F,
a1,Ana,García,1984-03-12,F,999-00-0001
"""


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def desk(site):
    return staff("front_desk", site)


def previewed(site, desk, text=FILE, mapping=None, **how):
    batch = stage_import(site=site, content=text.encode(), file_name="export.csv", by=desk, now=NOW)
    return map_columns(batch=batch, mapping=mapping or batch.mapping, by=desk, now=NOW, **how)


def imported(site, desk, text=FILE, *, size=500, **how):
    batch = start_import(batch=previewed(site, desk, text, **how), by=desk, now=NOW)
    while batch.state == ImportBatch.State.RUNNING:
        batch = run_next_chunk(batch=batch, by=desk, size=size, now=NOW)
    return batch


def verdicts(batch) -> dict[int, str]:
    return dict(batch.rows.values_list("line", "verdict"))


EXPECTED = {
    2: "new",
    3: "new",
    4: "new",
    5: "new",
    6: "refused",
    7: "refused",
    8: "possible_duplicate",
    9: "already_here",
}


def test_preview_says_what_would_become_of_each_row(site, desk):
    batch = previewed(site, desk)
    assert verdicts(batch) == EXPECTED
    assert dict(batch.rows.values_list("line", "reasons"))[8] == ["same_birth_date_and_name_word"]
    assert batch.counts == {
        "new": 4,
        "known_elsewhere": 0,
        "already_here": 1,
        "possible_duplicate": 1,
        "refused": 2,
        "total": 8,
    }
    assert not Patient.objects.exists()


@pytest.mark.parametrize("size", [1, 3, 500])
def test_the_run_does_what_the_preview_said_in_chunks_of_any_size(site, desk, size):
    batch = imported(site, desk, size=size)
    assert verdicts(batch) == EXPECTED
    assert batch.job.done == batch.job.total == 8
    assert batch.job.result["created"] == 4
    assert set(Patient.objects.values_list("given_name", flat=True)) == {"Ana", "Ольга", "=1+1", "Baby"}
    assert Registration.objects.filter(site=site).count() == 4
    assert AuditEvent.objects.filter(verb="patient.imported").count() == 4


def test_numbers_of_authorities_are_not_taken(site, desk):
    imported(site, desk)
    assert set(Identifier.objects.values_list("system", "value")) == {
        ("export", "a1"),
        ("export", "a2"),
        ("export", "a3"),
        ("export", "a4"),
    }


def test_unless_mapped_by_hand_with_a_named_authority(site, desk):
    mapping = {
        "source_id": "Id",
        "family_name": "Last",
        "given_name": "First",
        "birth_date": "DOB",
        "other_identifier": "SSN",
    }
    with refused(Invalid, "import.no_other_system"):
        previewed(site, desk, mapping=mapping)
    imported(site, desk, mapping=mapping, other_system="us-ssn")
    assert Identifier.objects.filter(system="us-ssn").count() == 3


def test_the_same_file_again_creates_nothing(site, desk):
    imported(site, desk)
    again = imported(site, desk)
    assert Patient.objects.count() == 4
    assert again.job.result["created"] == 0
    assert again.counts["already_here"] == 5


def test_the_same_file_again_without_ids_creates_nothing(site, desk):
    mapping = {"family_name": "Last", "given_name": "First", "birth_date": "DOB"}
    imported(site, desk, mapping=mapping)
    again = imported(site, desk, mapping=mapping)
    assert Patient.objects.count() == 4
    assert again.counts["already_here"] == 5
    assert not Identifier.objects.exists()


def test_the_next_export_finds_the_name_of_the_system_again(site, desk):
    imported(site, desk)
    batch = stage_import(site=site, content=FILE.encode(), file_name="export (2).csv", by=desk)
    assert batch.system == "export"


def test_a_possible_duplicate_comes_in_only_when_chosen(site, desk):
    batch = previewed(site, desk)
    choose_rows(batch=batch, chosen=[8, 6], among=[6, 7, 8], by=desk)
    start_import(batch=batch, by=desk, now=NOW)
    run_next_chunk(batch=batch, by=desk, now=NOW)
    assert Patient.objects.filter(given_name="Eva").exists()
    assert Patient.objects.count() == 5


def test_somebody_registered_by_hand_is_a_possible_duplicate(site, desk):
    registered_patient(site=site, by=desk)
    batch = previewed(site, desk)
    assert verdicts(batch)[2] == "possible_duplicate"


def test_somebody_with_the_same_id_at_another_site_is_registered_here_too(site, desk):
    imported(site, desk)
    south = make_site("south")
    batch = imported(south, staff("front_desk", south), system="export")
    assert batch.counts["known_elsewhere"] == 4
    assert Patient.objects.count() == 4
    assert Registration.objects.filter(site=south).count() == 4


def test_record_numbers_of_the_file_are_kept_and_never_shared(site, desk):
    text = "MRN,First,Last,DOB\nM1,Ana,A,1984-03-12\nM1,Eva,B,1990-01-01\n,Ida,C,1991-01-01\n"
    batch = imported(site, desk, text)
    assert set(Registration.objects.values_list("record_number", flat=True)) == {"M1", "100001"}
    assert batch.rows.get(line=3).reasons == ["record_number_taken"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,Ana,García,2031-01-01,,", "birth_date_future"),
        ("1,Ana,García,1850-01-01,,", "birth_date_too_early"),
        ("1,Ana,García,1984-03-12,1984-03-11,", "died_before_born"),
        ("1,Ana,García,1984-03-12,2031-01-01,", "deceased_on_future"),
        ("1,Ana,García,1984-03-12,,not an address", "email_unreadable"),
        (f"1,Ana,{'x' * 130},1984-03-12,,", "too_long"),
        ("1,Ana,García,1984-03-12", "cells"),
    ],
)
def test_refused_rows_say_why(site, desk, row, reason):
    batch = previewed(site, desk, f"Id,First,Last,DOB,Died,Email\n{row}\n")
    only = batch.rows.get()
    assert (only.verdict, only.reasons) == ("refused", [reason])


def test_the_deceased_and_minors_come_in(site, desk):
    imported(site, desk, "Id,First,Last,DOB,Died\n1,Ana,A,1984-03-12,2004-03-21\n2,Eva,B,2020-01-01,\n")
    assert Patient.objects.filter(deceased_on__isnull=False).count() == 1
    assert Patient.objects.count() == 2


def test_ambiguous_dates_need_a_word(site, desk):
    text = "First,Last,DOB\nAna,A,03/04/1984\n"
    with refused(Invalid, "import.date_order"):
        previewed(site, desk, text)
    imported(site, desk, text, date_order="dmy")
    assert Patient.objects.get().birth_date.isoformat() == "1984-04-03"


def test_a_column_that_betrays_its_order_is_believed(site, desk):
    batch = previewed(site, desk, "First,Last,DOB\nAna,A,03/04/1984\nEva,B,25/12/1990\n")
    assert batch.date_order == "dmy"


@pytest.mark.parametrize(
    ("mapping", "field", "code"),
    [
        ({"birth_date": "DOB"}, "family_name", "import.no_name_column"),
        ({"family_name": "Last"}, "birth_date", "import.no_birth_date_column"),
        ({"family_name": "Last", "birth_date": "Nope"}, "birth_date", "import.column"),
        ({"family_name": "Last", "birth_date": "DOB", "shoe": "Id"}, "shoe", "import.field"),
    ],
)
def test_mappings_that_cannot_make_patients(site, desk, mapping, field, code):
    batch = stage_import(site=site, content=FILE.encode(), file_name="export.csv", by=desk)
    with refused(Invalid, code) as refusal:
        map_columns(batch=batch, mapping=mapping, by=desk)
    assert field in refusal.value.fields


def test_staging_keeps_no_data_after_the_end(site, desk):
    batch = imported(site, desk)
    assert set(map(str, ImportRow.objects.values_list("cells", flat=True))) == {"[]"}
    assert verdicts(batch) == EXPECTED
    assert batch.counts["total"] == 8


def test_a_discarded_import_leaves_nothing(site, desk):
    batch = discard_import(batch=previewed(site, desk), by=desk)
    assert batch.state == "discarded"
    assert not ImportRow.objects.exists()


def test_steps_out_of_order(site, desk):
    batch = stage_import(site=site, content=FILE.encode(), file_name="export.csv", by=desk)
    for step in (start_import, run_next_chunk):
        with refused(Conflict, "import.state"):
            step(batch=batch, by=desk)
    batch = imported(site, desk)
    with refused(Conflict, "import.state"):
        map_columns(batch=batch, mapping=batch.mapping, by=desk)
    with refused(Conflict, "import.state"):
        discard_import(batch=batch, by=desk)
    assert run_next_chunk(batch=batch, by=desk).state == "done"


def test_importing_needs_the_right(site, desk):
    with refused(Refused, "permission.missing"):
        stage_import(site=site, content=FILE.encode(), file_name="x.csv", by=staff("nurse", site))
    batch = previewed(site, desk)
    with refused(Refused, "permission.missing"):
        start_import(batch=batch, by=staff("front_desk", make_site("south")))
    assert not ImportBatch.objects.for_user(staff("nurse", site)).exists()


@pytest.mark.django_db(transaction=True)
def test_a_chunk_that_fails_leaves_nothing_and_goes_on_later(monkeypatch):
    site = make_site()
    desk = staff("front_desk", site)
    batch = start_import(batch=previewed(site, desk), by=desk, now=NOW)
    run_next_chunk(batch=batch, by=desk, size=1, now=NOW)
    with pytest.raises(RuntimeError), transaction.atomic():
        run_next_chunk(batch=batch, by=desk, size=3, now=NOW)
        raise RuntimeError("the power fails")
    batch.refresh_from_db()
    assert (Patient.objects.count(), batch.job.done) == (1, 1)
    done = run_next_chunk(batch=batch, by=desk, now=NOW)
    assert (Patient.objects.count(), done.job.done, done.state) == (4, 8, "done")


def test_preview_queries_do_not_grow_with_rows(site, desk, django_assert_max_num_queries):
    def text(rows):
        return "Id,First,Last,DOB\n" + "".join(
            f"{n},Ana,Name{n},1984-03-{n % 28 + 1:02}\n" for n in range(rows)
        )

    small = stage_import(site=site, content=text(5).encode(), file_name="a.csv", by=desk)
    large = stage_import(site=site, content=text(400).encode(), file_name="b.csv", by=desk)
    for batch in (small, large):
        with django_assert_max_num_queries(20):
            map_columns(batch=batch, mapping=batch.mapping, by=desk, now=NOW)


def test_the_real_file(site, desk, shared_data):
    content = (shared_data / "synthea_patients.csv").read_bytes()
    batch = stage_import(site=site, content=content, file_name="synthea_patients.csv", by=desk)
    batch = start_import(batch=map_columns(batch=batch, mapping=batch.mapping, by=desk), by=desk)
    done = run_next_chunk(batch=batch, by=desk)
    assert done.job.result["created"] == 27
    assert Patient.objects.filter(deceased_on__isnull=False).count() == 2
    assert connection.vendor in {"sqlite", "postgresql"}


def test_who_sent_the_patient_is_taken_over_where_the_file_says_so(site, desk):
    text = (
        "Id,First,Last,DOB,Referring Provider,Referring Practice\n"
        "1,Ana,Ruiz,1984-03-12,Dr Jo Lind,Mill practice\n"
        "2,Eva,Ruiz,1985-03-12,,Mill practice\n"
        "3,Ida,Ruiz,1986-03-12,,\n"
        f"4,Lea,Ruiz,1987-03-12,{'x' * 151},\n"
    )
    batch = stage_import(site=site, content=text.encode(), file_name="a.csv", by=desk)
    batch = start_import(batch=map_columns(batch=batch, mapping=batch.mapping, by=desk), by=desk)
    run_next_chunk(batch=batch, by=desk)
    senders = ReferringClinician.objects.order_by("pk")
    told = [(one.patient.given_name, one.name, one.organisation) for one in senders]
    assert told == [("Ana", "Dr Jo Lind", "Mill practice"), ("Eva", "Mill practice", "")]
    assert batch.rows.get(line=5).reasons == ["too_long"]
    assert AuditEvent.objects.filter(verb="referring_clinician.added").count() == 2
    assert all(one.history.count() == 1 for one in senders)
