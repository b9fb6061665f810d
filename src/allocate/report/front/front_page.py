"""Front page: everything that page one says, the same for the page, the workbook and the council paper.

Texts are written in the reader's language; where a drawing or a cell needs the number behind a text, it stands beside
it, unrounded and NaN where there is none. Nothing here may be told that the tables withhold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# What page one is about: a proposal, today alone, or that no plan meets the rules.
PROPOSAL, TODAY, NONE = "proposal", "today", "none"


@dataclass(frozen=True)
class Tile:
    """One of the five figures: today, proposal, and what else to know of it (the range over test runs).

    ``before`` blank: there is no proposal to set beside today. ``sense``: 1 better than today, -1 worse, 0 neither;
    in the last tile 1 where nothing is lacking, else -1.
    ``figures``: the numbers behind ``before`` and ``after`` in ``kind`` (share, euro, count), by year in the last tile.
    """

    key: str
    label: str
    before: str
    after: str
    note: str
    sense: int
    kind: str
    figures: tuple[float, ...]


@dataclass(frozen=True)
class Change:
    """An offer that gets more or less: places/year and EUR/year, what keeping it as today costs, and how sure.

    ``price`` is blank where nothing is to be kept; ``instead``: who would get less if it were kept, blank where nobody
    may be named; ``sure`` is the word of ``analyses.decision.sureness`` and
    ``sure_label`` the same in the reader's language, blank where it was not tested.
    """

    offer_id: str
    name: str
    places: str
    euros: str
    price: str
    instead: str
    sure: str
    sure_label: str
    change_eur: float


@dataclass(frozen=True)
class Place:
    """A space on the grid of change: its coverage in the proposal and the change in percentage points.

    ``withheld``: its figures may not be told. ``change``: share, for the colour.
    """

    space_id: str
    name: str
    coverage: str
    points: str
    change: float = math.nan
    withheld: bool = False


@dataclass(frozen=True)
class Option:
    """One of the options side by side: all figures of the same kind as the tiles.

    ``note``: what speaks against one that looks better, or what a tenth less money costs; ``budget``: that it is the
    proposal with less money.
    """

    id: str
    title: str
    coverage: str
    lowest: str
    missed: str
    moved: str
    proposed: bool = False
    note: str = ""
    budget: bool = False


@dataclass(frozen=True)
class Year:
    """A year of the proposal: what it costs, what the pots hold, and what is lacking."""

    year: str
    cost: str
    money: str
    lacking: str
    short_eur: float


@dataclass(frozen=True)
class FrontPage:
    """Page one.

    ``about``: ``proposal``, ``today`` or ``none``. ``decided``: what is to be decided, for which year and total;
    ``title``: the proposal as a heading; ``lead``: its effect in a sentence; ``turning``: what fails and what would
    turn it (where there is no plan: what would reconcile the rules); ``quiet``: what coverage is, who decides, who
    proposes, date and fingerprint; ``left_out``: what a large town was not asked, blank for all others; ``beside``: the
    plans that look better in sentences; ``why``: how well the places of the largest cut and increase are covered today;
    ``law``: whether floors and contracts are kept, and from when cuts hold; ``groups``: the target groups whose
    coverage changes most.
    """

    about: str
    town: str
    decided: str
    title: str
    lead: str
    tiles: tuple[Tile, ...] = ()
    gains: tuple[Change, ...] = ()
    losses: tuple[Change, ...] = ()
    why: str = ""
    law: str = ""
    turning_title: str = ""
    turning: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    places_note: str = ""
    groups: str = ""
    options: tuple[Option, ...] = ()
    beside: tuple[str, ...] = ()
    years: tuple[Year, ...] = ()
    left_out: str = ""
    quiet: tuple[str, ...] = ()
