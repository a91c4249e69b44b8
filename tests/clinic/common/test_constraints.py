"""Ranges that may not overlap: the database decides as a naive comparison of every pair would, on both engines."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q
from django.test.utils import isolate_apps
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.common.constraints import NoOverlap, violated

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
KINDS = ("live", "held", "gone")
COUNTS = Q(kind__in=["live", "held"]) & Q(cancelled_at__isnull=True)

with isolate_apps("tests"):

    class Stay(models.Model):
        """A table of this test's own: nothing else can be in the way."""

        place = models.BigIntegerField(null=True)
        start = models.DateTimeField()
        end = models.DateTimeField()
        kind = models.CharField(max_length=10, default="live")
        cancelled_at = models.DateTimeField(null=True)

        class Meta:
            app_label = "tests"
            db_table = "test_stay"
            indexes = [models.Index(fields=["place", "start"], name="test_stay_place")]
            constraints = [
                NoOverlap(name="stay_once", key="place", start="start", end="end", condition=COUNTS)
            ]


@pytest.fixture(scope="module", autouse=True)
def _table(django_db_setup, django_db_blocker):
    # Outside of any test's transaction: SQLite changes no table inside one.
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Stay)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Stay)


pytestmark = pytest.mark.django_db


def stay(start=0, end=10, **fields):
    at = {"start": START + timedelta(minutes=start), "end": START + timedelta(minutes=end)}
    return Stay(**{"place": 1, **at, **fields})


def accepted(act):
    """Whether the database took it; a refusal names the constraint."""
    try:
        with transaction.atomic():
            act()
    except IntegrityError as error:
        assert violated(error) == "stay_once"
        return False
    return True


def clash(one, other):
    """What the constraint means, of two rows."""
    counts = all(row.kind != "gone" and row.cancelled_at is None for row in (one, other))
    same = one.place is not None and one.place == other.place
    return counts and same and one.start < other.end and other.start < one.end


# Whole seconds and a microsecond beside them: SQLite compares them as text, with and without a fraction.
moments = st.builds(
    lambda minutes, micro: START + timedelta(minutes=minutes, microseconds=micro),
    st.integers(0, 12),
    st.sampled_from([0, 0, 1]),
)
rows = st.builds(
    lambda place, ends, kind, cancelled: Stay(
        place=place, start=min(ends), end=max(ends), kind=kind, cancelled_at=START if cancelled else None
    ),
    st.sampled_from([1, 1, 1, 2, None]),
    st.lists(moments, min_size=2, max_size=2, unique=True),
    st.sampled_from(["live", "live", "held", "gone"]),
    st.sampled_from([False, False, False, True]),
)


@settings(max_examples=60)
@given(st.lists(rows, min_size=2, max_size=8))
def test_rows_are_taken_as_a_naive_comparison_takes_them(proposed):
    Stay.objects.all().delete()
    standing = []
    for row in proposed:
        free = not any(clash(row, other) for other in standing)
        assert valid(row) is free
        assert accepted(row.save) is free
        if free:
            standing.append(row)
        else:
            row.pk = None
    assert Stay.objects.count() == len(standing)


@settings(max_examples=60)
@given(st.lists(rows, min_size=2, max_size=5), st.data())
def test_changes_are_taken_as_a_naive_comparison_takes_them(proposed, data):
    Stay.objects.all().delete()
    standing = [row for row in proposed if accepted(row.save)]
    for _step in range(4):
        row, wanted = data.draw(st.sampled_from(standing)), data.draw(rows)
        wanted.pk = row.pk
        free = not any(clash(wanted, other) for other in standing if other.pk != row.pk)
        assert valid(wanted) is free
        assert accepted(wanted.save) is free
        if free:
            standing[standing.index(row)] = wanted


def valid(row):
    """What a form would be told beforehand."""
    (constraint,) = Stay._meta.constraints
    try:
        constraint.validate(Stay, row)
    except ValidationError as error:
        assert error.code == "overlap"
        return False
    return True


@pytest.mark.parametrize(
    ("second", "free"),
    [
        ({"start": 10, "end": 20}, True),
        ({"start": -5, "end": 0}, True),
        ({"start": 9, "end": 20}, False),
        ({"start": -5, "end": 1}, False),
        ({"start": 2, "end": 3}, False),
        ({"start": -5, "end": 20}, False),
        ({"start": 0, "end": 10}, False),
        ({"start": 0, "end": 10, "place": 2}, True),
        ({"start": 0, "end": 10, "place": None}, True),
        ({"start": 0, "end": 10, "kind": "held"}, False),
        ({"start": 0, "end": 10, "kind": "gone"}, True),
        ({"start": 0, "end": 10, "cancelled_at": START}, True),
    ],
)
def test_ends_are_half_open_and_the_condition_counts(second, free):
    stay().save()
    assert accepted(stay(**second).save) is free


def test_a_row_that_begins_to_count_is_checked():
    stay().save()
    sleeping = stay(kind="gone")
    sleeping.save()
    sleeping.kind = "live"
    assert not accepted(sleeping.save)
    assert not accepted(lambda: Stay.objects.filter(pk=sleeping.pk).update(kind="held"))
    assert accepted(lambda: Stay.objects.filter(pk=sleeping.pk).update(kind="held", place=2))


def test_many_at_once_are_checked_against_each_other():
    assert not accepted(lambda: Stay.objects.bulk_create([stay(), stay(5, 15)]))
    assert Stay.objects.count() == 0


def test_a_condition_that_ddl_cannot_hold_is_refused_when_written():
    constraint = NoOverlap(
        name="other", key="place", start="start", end="end", condition=Q(kind__startswith="l")
    )
    with pytest.raises(FieldError, match="kind__startswith"):
        constraint._comparison(("kind__startswith", "l"), Stay, connection.schema_editor(), "")


def test_migrations_can_write_it_down_and_compare_it():
    (constraint,) = Stay._meta.constraints
    path, args, kwargs = constraint.deconstruct()
    assert path == "clinic.common.constraints.NoOverlap"
    assert NoOverlap(*args, **kwargs) == constraint
    assert NoOverlap(*args, **{**kwargs, "condition": Q()}) != constraint
