"""Examples: the towns that come with the program, as cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from allocate.inputs.case import Case

_PACKAGE = Path(__file__).parent


def shipped() -> dict[str, Path]:
    """Name -> folder of every example town. In a wheel they lie inside the package, in a checkout beside ``src``."""
    for home in (_PACKAGE / "scenarios", _PACKAGE.parents[1] / "scenarios"):
        if home.is_dir():
            return {town.name: town for town in sorted(home.iterdir()) if (town / "spaces.csv").is_file()}
    return {}


def auenfurt() -> Case:
    """Auenfurt, the invented town of the documentation: 10 spaces, 12 needs, 37 offers, 6 pots, 11 scenarios.

    >>> examples.auenfurt().summary()
    'auenfurt: Social spaces 10, Needs 12, Offers 37, Pots of money 6, Scenarios 11'
    """
    from allocate.checking.opening import read_case  # noqa: PLC0415  (the command line looks here before pandas is there)

    return read_case(shipped()["auenfurt"])


def small(lang: str = "en") -> Case:
    """The small town with which ``allocate init`` begins a case, its names in German or English.

    >>> examples.small().summary()
    'small: Social spaces 3, Needs 3, Offers 5, Pots of money 3, Scenarios 4'
    """
    from allocate.inputs.workbook.example import small_town  # noqa: PLC0415

    return small_town(lang)
