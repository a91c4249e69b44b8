"""Every questionnaire in every version that a stored answer may refer to."""

from patients.scoring.by_number import BDI2, BDI2_ITEMS, CADSS, CADSS6, MADRS
from patients.scoring.cssrs import CSSRS
from patients.scoring.gad7 import GAD7
from patients.scoring.instrument import Instrument
from patients.scoring.mood import MOOD
from patients.scoring.phq9 import PHQ9
from patients.scoring.qids import QIDS

_ALL = (PHQ9, GAD7, QIDS, MADRS, BDI2, CADSS, CADSS6, CSSRS, MOOD)

INSTRUMENTS: dict[tuple[str, str], Instrument] = {
    (instrument.code, instrument.version): instrument for instrument in (*_ALL, BDI2_ITEMS)
}
# The version that a new assessment is taken with.
CURRENT: dict[str, Instrument] = {instrument.code: instrument for instrument in _ALL}

# The version for which a site that holds a licence enters the words: of the BDI-II its items, not its total.
LICENSABLE: dict[str, Instrument] = {
    code: instrument for code, instrument in CURRENT.items() if not instrument.ships_wording
} | {BDI2_ITEMS.code: BDI2_ITEMS}


def instrument(code: str, version: str = "") -> Instrument:
    """A questionnaire by code, in its current version unless another is named.

    Raises:
        KeyError: there is none.
    """
    return INSTRUMENTS[code, version] if version else CURRENT[code]
