"""Units: what a number counts (money, places, a share ...), and with it how it is kept and written everywhere.

Whoever writes, rounds or stores a figure asks the unit of its column; no other list says which column is money.
"""

from __future__ import annotations

from dataclasses import dataclass

from allocate.language import as_it_is, euro, is_nothing, money_pattern, number, percent, reckons_in_places, signed

# A marginal value per euro is too small to read, so it is shown per million euros, that of a place per thousand.
PER_EUROS, PER_PLACES = 1e6, 1e3
_POINTS = "#,##0.0"


@dataclass(frozen=True)
class Unit:
    """What stands in a column.

    ``name``: as in ``results/columns.csv``, of a difference with ``_change`` behind it. ``dtype``: of the column of a
    frame. ``digits``: decimals that are written. ``pattern``: how a spreadsheet writes it.
    """

    name: str
    dtype: str = "float"
    digits: int = 0
    pattern: str = "@"

    @property
    def base(self) -> str:
        """What is counted, also by a difference: ``share`` of ``share_change``."""
        return self.name.partition("_")[0]

    @property
    def is_change(self) -> bool:
        """Whether it is a difference, which is written with its sign."""
        return self.name != self.base

    @property
    def is_number(self) -> bool:
        """Whether numbers stand in the column."""
        return self.dtype == "float"

    @property
    def _in_points(self) -> bool:
        """A difference of shares is told in percentage points: a per cent is a part of something."""
        return self.base == "share" and self.is_change

    @property
    def factor(self) -> float:
        """What a number is multiplied by where it stands under a head with its unit."""
        return per() if self.base == "slope" else 100.0 if self._in_points else 1.0

    def written(self, value: float, lang: str) -> str:
        """A number in the reader's notation; a difference of shares is written in percentage points."""
        text = self._unsigned(value, lang)
        return signed(text) if self.is_change and value > 0 and not is_nothing(text) else text

    def _unsigned(self, value: float, lang: str) -> str:
        match self.base:
            case "euro":
                return euro(value, lang)
            case "plain":
                return as_it_is(value, lang)
            case "year":
                return f"{value:.0f}"
            case "share" if not self.is_change:
                return percent(value, lang, self.digits)
            case "share" | "slope":
                return number(value * self.factor, lang, self.digits)
        return number(value, lang, self.digits)

    def pattern_in(self, lang: str) -> str:
        """The number format of spreadsheets; changes show their sign."""
        code = money_pattern(lang) if self.base == "euro" else _POINTS if self._in_points else self.pattern
        return f"+{code};-{code};{code}" if self.is_change else code


_NUMBERS = (
    Unit("count", pattern="#,##0"),
    Unit("units", digits=1, pattern="#,##0.0"),
    Unit("euro"),
    Unit("share", digits=1, pattern="0.0 %"),
    Unit("value", digits=4, pattern="#,##0.0000"),
    Unit("slope", digits=4, pattern="#,##0.0000"),
    Unit("plain", pattern="General"),
    # A year is a name: 2003, never 2.003.
    Unit("year", pattern="0"),
)
# Words that are said in the reader's language, and texts that stand as they are.
_WORDS = (*(Unit(name, "str") for name in ("text", "word", "place", "date")), Unit("yesno", "bool"))
_CHANGES = tuple(Unit(f"{one.name}_change", one.dtype, one.digits, one.pattern) for one in _NUMBERS[:5])
UNITS = {one.name: one for one in (*_WORDS, *_NUMBERS, *_CHANGES)}


def per() -> float:
    """For so many euros, or places where there is no money, marginal values are shown."""
    return PER_PLACES if reckons_in_places() else PER_EUROS
