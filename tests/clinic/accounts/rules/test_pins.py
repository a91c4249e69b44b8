"""Which digits make a PIN."""

import pytest

from clinic.accounts.rules.pins import check_pin
from clinic.common.errors import Invalid

GOOD = ["7193", "5208", "61730", "940275", "4486"]
SHAPELESS = ["", "719", "7193042", "71a3", "71 3", "٧١٩٣", "71.3"]
TRIVIAL = [
    "1111",
    "1234",
    "4321",
    "2468",
    "8642",
    "9012",
    "1121",
    "4747",
    "121212",
    "123123",
    "1984",
    "2026",
    "2580",
]


@pytest.mark.parametrize("pin", GOOD)
def test_a_pin(pin):
    check_pin(pin)


@pytest.mark.parametrize(
    ("pin", "code"),
    [*((pin, "pin.shape") for pin in SHAPELESS), *((pin, "pin.trivial") for pin in TRIVIAL)],
)
def test_no_pin(pin, code):
    with pytest.raises(Invalid) as caught:
        check_pin(pin)
    assert list(caught.value.fields) == ["pin"]
    assert caught.value.code == code
