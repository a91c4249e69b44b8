import unicodedata
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.rules.duplicates import Candidate, Reason, possible_duplicates, reasons
from tests.patients.scenes import registered_patient
from tests.scenes import make_site, staff


def candidate(family: str, given_name: str, born: str, phone: str = "") -> Candidate:
    return Candidate.of(
        {
            "family_name": family,
            "given_name": given_name,
            "birth_date": date.fromisoformat(born),
            "phone": phone,
        }
    )


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (candidate("García", "Ana", "1984-03-12"), [Reason.SAME_NAME_AND_BIRTH_DATE]),
        (candidate("ANA", "Garcia", "1984-03-12"), [Reason.SAME_NAME_AND_BIRTH_DATE]),
        (candidate("García Ruiz", "Ana", "1984-03-12"), [Reason.NAME_WORD]),
        (candidate("Smith", "Ana", "1984-03-12"), [Reason.NAME_WORD]),
        (candidate("Smith", "Joan", "1984-03-12"), []),
        (candidate("Smith", "Joan", "1984-03-12", "617-555.0101"), [Reason.PHONE]),
        (candidate("Garcia", "Ana", "1984-12-03"), [Reason.SWAPPED_DATE]),
        (candidate("Garcia", "Eva", "1984-12-03"), []),
        (candidate("Garcia", "Ana", "1984-03-13"), []),
        (candidate("Smith", "Joan", "1985-03-12", "617-555.0101"), []),
    ],
)
def test_reasons(other, why):
    ana = candidate("García", "Ana", "1984-03-12", "(617) 555 0101")
    assert reasons(ana, other) == why
    assert reasons(other, ana) == why


def plain(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char)).split()


def naive(one: dict[str, str], other: dict[str, str]) -> set[Reason]:
    """A second implementation, by lists and strings."""
    names, others = plain(one["name"]), plain(other["name"])
    shared = [word for word in set(names) if word in others]
    same = sorted(set(names)) == sorted(set(others))
    year, month, day = one["born"].split("-")
    found = set()
    if one["born"] == other["born"]:
        if same:
            found.add(Reason.SAME_NAME_AND_BIRTH_DATE)
        elif shared:
            found.add(Reason.NAME_WORD)
        if one["phone"] and one["phone"] == other["phone"]:
            found.add(Reason.PHONE)
    elif other["born"] == f"{year}-{day}-{month}":
        shorter = min(len(set(names)), len(set(others)))
        if len(shared) == shorter and shorter > 1:
            found.add(Reason.SWAPPED_DATE)
    return found


people = st.fixed_dictionaries(
    {
        "name": st.lists(
            st.sampled_from(["Ana", "ANÁ", "García", "garcia", "Ruiz", "Öz", "oz", "李", "Ольга"]),
            min_size=1,
            max_size=3,
        ).map(" ".join),
        "born": st.sampled_from(["1984-03-12", "1984-12-03", "1984-03-13", "1990-05-05"]),
        "phone": st.sampled_from(["", "617", "555"]),
    }
)


@given(group=st.lists(people, min_size=2, max_size=6))
def test_like_a_naive_comparison_of_everybody_with_everybody(group):
    for one, other in product(group, group):
        left = candidate(one["name"], "", one["born"], one["phone"])
        right = candidate(other["name"], "", other["born"], other["phone"])
        assert set(reasons(left, right)) == naive(one, other)


@pytest.mark.django_db
def test_strongest_first_and_a_constant_number_of_queries(django_assert_num_queries):
    site = make_site()
    desk = staff("front_desk", site)
    details = {"family_name": "García", "given_name": "Ana", "birth_date": date(1984, 3, 12)}
    cousin = registered_patient(site=site, by=desk, given_name="Eva")
    same = registered_patient(site=site, by=desk)
    swapped = registered_patient(site=site, by=desk, birth_date=date(1984, 12, 3))
    elsewhere = registered_patient(site=make_site("south"))
    registered_patient(site=site, by=desk, family_name="Smith", given_name="Joan")
    with django_assert_num_queries(2):
        found = possible_duplicates(details=details, by=desk)
    assert [match.patient for match in found.here] == [same, cousin, swapped]
    assert [match.patient for match in found.elsewhere] == [elsewhere]
    assert not possible_duplicates(details=details | {"birth_date": date(1999, 1, 1)}, by=desk)


@pytest.mark.django_db
def test_nobody_is_a_duplicate_of_themselves():
    patient = registered_patient()
    desk = staff("front_desk", make_site())
    details = {"family_name": "García", "given_name": "Ana", "birth_date": patient.birth_date}
    assert not possible_duplicates(details=details, by=desk, but=patient)
