"""Charts: the numbers of the tables as text, in both languages, whatever the names are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocate.analyses.comparison.compare import Comparison, compare
from allocate.analyses.tradeoffs.frontier import Frontier, frontier
from allocate.analyses.tradeoffs.ladder import Ladder, ladder
from allocate.checking.opening import read_case
from allocate.language import MINUS
from allocate.report.columns import WITHHELD, column
from allocate.report.pictures import coverage_matrix, trade_off
from allocate.report.pictures import style as picture_style
from allocate.report.pictures.budget_ladder import budget_ladder
from allocate.report.pictures.dates import dates
from allocate.report.pictures.dumbbells import dumbbells
from allocate.report.pictures.gains_and_losses import MONEY, gains_and_losses
from allocate.report.pictures.picture import Picture
from allocate.report.pictures.style import cells, clean, contrast, short_names, text_width, wrapped_names
from allocate.report.pictures.waterfall import waterfall
from allocate.session import Session
from tests.report.svg import HOSTILE, parsed, texts, whole_names

LANGUAGES = ("de", "en")
PROPOSAL, WITHOUT_PLAN = "SZ1", "SZ4a"
EXAMPLE = Path(__file__).parents[3] / "scenarios" / "auenfurt"


@pytest.fixture(scope="module")
def session() -> Session:
    return Session(read_case(EXAMPLE))


@pytest.fixture(scope="module")
def comparison(session: Session) -> Comparison:
    return compare(session, [PROPOSAL, WITHOUT_PLAN])


def of(table: pd.DataFrame, scenario: str) -> pd.DataFrame:
    return table[table["scenario_id"] == scenario]


def gains_table(names: list[str], changes: list[float], by: str = "space") -> pd.DataFrame:
    ids = [f"S{at:03}" for at in range(len(names))]
    # Of coverage a change is a share, shown in percentage points.
    points = [change / 100 for change in changes]
    return pd.DataFrame(
        {
            "by": by,
            "id": ids,
            "name": names,
            "coverage_change": points,
            "covered_change": changes,
            "change_eur": changes,
        }
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("by", ["space", "region", "need", "target_group", "provider", "department"])
def test_gains_and_losses_show_every_number_of_the_table(comparison: Comparison, by: str, lang: str) -> None:
    table = of(comparison.gains, PROPOSAL)
    rows = table[table["by"] == by]
    picture = gains_and_losses(table, by=by, key="gains", lang=lang)
    measure = "change_eur" if by in MONEY else "coverage_change"
    for number in column(measure, lang).cells(rows[measure], lang):
        assert number in texts(picture)
        assert number in picture.text
    for name in rows["name"]:
        assert str(name) in picture.text


@pytest.fixture(scope="module")
def curve(session: Session) -> Frontier:
    return frontier(session, PROPOSAL, "moved")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_trade_off_marks_proposal_today_and_bend(curve: Frontier, lang: str) -> None:
    picture = trade_off.trade_off(curve.points, curve.marks, curve.segments, against="moved", key="curve", lang=lang)
    knee = curve.points[curve.points["knee"].astype(bool)]
    marked = pd.concat([curve.marks[["coverage_value", "axis"]], knee[["coverage_value", "axis"]]])
    legend = "\n".join(texts(picture))
    for table, place in ((marked, legend), (curve.points, picture.text)):
        for number in [
            *cells(table["coverage_value"], "coverage_value", lang),
            *cells(table["axis"], "axis_eur", lang),
        ]:
            assert number in place
    for mark in ("chosen", "status_quo"):
        assert picture_style.say(f"mark-{mark}", lang) in legend
    shapes = [element for element in parsed(picture).iter() if element.tag.endswith("path")]
    assert len(shapes) >= len(curve.points) + len(marked)


def test_trade_off_without_a_line_where_mixtures_are_no_proposals(curve: Frontier) -> None:
    def drawn(indivisible: bool) -> Picture:
        tables = curve.points, curve.marks, curve.segments
        return trade_off.trade_off(*tables, against="moved", key="curve", lang="de", indivisible=indivisible)

    assert drawn(True).svg.count("<path") == drawn(False).svg.count("<path") - 1
    assert "unteilbar" in drawn(True).text


def test_trade_off_of_a_single_best_point() -> None:
    points = pd.DataFrame({"point": [0], "coverage_value": [0.5], "axis": [0.0], "knee": [False]})
    marks = pd.DataFrame({"mark": ["chosen"], "coverage_value": [0.5], "axis": [0.0], "floors_missed": [0]})
    segments = pd.DataFrame(columns=["contains_chosen", "axis_change", "covered_units_change"])
    picture = trade_off.trade_off(points, marks, segments, against="duplication", key="one", lang="en")
    assert "no curve" in picture.text
    assert "€0" in picture.text
    parsed(picture)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_dumbbells_lead_from_today_to_then(comparison: Comparison, lang: str) -> None:
    rows = of(comparison.gains, PROPOSAL)
    rows = rows[rows["by"] == "space"]
    table = pd.DataFrame({"name": rows["name"], "before": rows["coverage_before"], "after": rows["coverage"]})
    table = table.reset_index(drop=True)
    table.loc[0, "after"] = np.nan
    picture = dumbbells(table, key="d", lang=lang, title="Spaces")
    shown = texts(picture)
    assert picture_style.say("dumbbell-better", lang) in shown
    for number in cells(table["after"].dropna(), "coverage", lang):
        assert number in shown
        assert number in picture.text
    assert WITHHELD in shown
    assert picture_style.say("withheld", lang) in picture.text
    assert not any(
        number in shown for number in cells(table["before"].head(1), "coverage", lang) if number != "100,0 %"
    )


def test_many_dumbbells_are_those_that_change_most() -> None:
    table = pd.DataFrame(
        {"name": [f"Row {at}" for at in range(40)], "before": 0.2, "after": [0.2 + at / 100 for at in range(40)]}
    )
    picture = dumbbells(table, key="d", lang="en", title="Rows")
    assert "Row 39" in texts(picture)
    assert "Row 0" not in texts(picture)
    assert "Row 0" in picture.text


def test_a_waterfall_shows_the_largest_steps_and_the_rest_as_one() -> None:
    releases = pd.DataFrame({"name": [f"From {at}" for at in range(9)], "amount_eur": [90.0 - at for at in range(9)]})
    uses = pd.DataFrame({"name": ["To", "Secret"], "amount_eur": [700.0, np.nan]})
    picture = waterfall(releases, uses, key="w", lang="en", title="Money")
    shown = texts(picture)
    assert "From 0" in shown and "From 7" not in shown
    assert "2 smaller ones" in shown and "€165" in shown
    assert "Secret" not in shown
    assert "Secret: not published" in picture.text
    boxes = [one for one in parsed(picture).iter() if one.get("fill") in {picture_style.MORE, picture_style.LESS}]
    assert len(boxes) == 9


def test_dates_stand_on_one_line() -> None:
    rows = pd.DataFrame(
        {
            "name": ["Open", "Bound"],
            "earliest": ["2027-03-01", "2027-06-01"],
            "contract_end": ["", "2028"],
        }
    )
    picture = dates(rows, key="d", lang="de", title="Daten")
    assert {"2027", "2028"} <= set(texts(picture))
    assert "Open: frühestens 01.03.2027" in picture.text
    assert "Bound: frühestens 01.06.2027, Vertrag bis 2028" in picture.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_matrix_shows_each_share_and_withholds_what_it_must(comparison: Comparison, lang: str) -> None:
    plan = comparison.plans[PROPOSAL]
    spaces, needs = comparison.case["spaces"], comparison.case["needs"]
    coverage = plan.coverage
    secret = (coverage["space_id"].iloc[0], coverage["need_id"].iloc[0])
    picture = coverage_matrix.coverage_matrix(coverage, spaces, needs, key="matrix", lang=lang, withheld={secret})
    open_cells = coverage.iloc[1:]
    shares = open_cells["covered"] / open_cells["demand"]
    shown = texts(picture)
    assert shown.count(WITHHELD) == 1
    for share in shares.dropna():
        assert f"{share * 100:.0f}" in shown
    for number in cells(shares.dropna(), "coverage", lang):
        assert number in picture.text
    whole = coverage_matrix.coverage_matrix(coverage, spaces, needs, key="matrix", lang=lang)
    assert WITHHELD not in texts(whole)


def test_matrix_of_many_spaces_shows_those_with_the_lowest_coverage_and_says_so() -> None:
    ids = [f"S{at:03}" for at in range(542)]
    coverage = pd.DataFrame({"space_id": ids, "need_id": "N", "demand": 100.0, "covered": np.arange(542) % 101})
    spaces = pd.DataFrame({"space_id": ids, "name": [f"Raum {at}" for at in range(542)]})
    needs = pd.DataFrame({"need_id": ["N"], "name": ["Bedarf"]})
    picture = coverage_matrix.coverage_matrix(coverage, spaces, needs, key="many", lang="de")
    shown = texts(picture)
    assert "Gezeigt: die 40 von 542 Sozialräumen mit der geringsten Deckung; alle stehen in der Tabelle." in shown
    assert "0" in shown
    assert "100" not in shown
    assert len(picture.svg) < 60_000


def test_a_need_that_a_space_does_not_have_is_no_gap() -> None:
    coverage = pd.DataFrame({"space_id": ["A"], "need_id": ["N"], "demand": [10.0], "covered": [5.0]})
    spaces = pd.DataFrame({"space_id": ["A"], "name": ["Altstadt"]})
    needs = pd.DataFrame({"need_id": ["N", "M"], "name": ["eins", "zwei"]})
    both = pd.concat([coverage, coverage.assign(space_id="B", need_id="M")])
    spaces = pd.concat([spaces, spaces.assign(space_id="B", name="Berg")])
    assert texts(coverage_matrix.coverage_matrix(both, spaces, needs, key="m", lang="de")).count("–") == 2


@pytest.fixture(scope="module")
def steps(session: Session) -> Ladder:
    return ladder(session, PROPOSAL, steps=(0.5, 0.9, 1.0, 1.1))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_ladder_has_a_bar_for_each_budget(steps: Ladder, lang: str) -> None:
    picture = budget_ladder(steps.steps, key="ladder", lang=lang)
    known = steps.steps.dropna(subset=["weighted_coverage"])
    for number in cells(known["weighted_coverage"], "weighted_coverage", lang):
        assert number in texts(picture)
    for number in cells(steps.steps["budget_eur"], "budget_eur", lang):
        assert number in picture.text


@pytest.mark.parametrize("count", [0, 1, 60])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_bars_of_no_one_and_sixty_rows(count: int, lang: str) -> None:
    changes = [float(at - count // 2) * 1.5 for at in range(count)]
    names = [f"Sozialraum {at}" for at in range(count)]
    picture = gains_and_losses(gains_table(names, changes), by="space", key="g", lang=lang)
    shown = texts(picture)
    assert f"{changes.count(0.0)} " in picture.text
    for name in names:
        assert name in picture.text
    if count == 60:
        # Both ends are drawn: the largest gains and the largest losses.
        ends = cells([max(changes), min(changes)], "covered_change", lang)
        assert set(ends) <= set(shown)
        assert picture_style.say("rows-shown", lang, shown=30, all=59) in shown
    if count == 0:
        assert picture_style.say("nothing", lang) in shown


def test_money_that_does_not_move() -> None:
    nothing = pd.DataFrame(columns=["name", "amount_eur"])
    picture = waterfall(nothing, nothing, key="m", lang="en", title="Money")
    assert picture.text.count("nothing") == 2


def test_withheld_numbers_have_a_sign_and_no_bar() -> None:
    table = gains_table(["Altstadt", "Neustadt", "Berg"], [7.25, -3.5, 2.0])
    table["withheld"] = [False, True, False]
    picture = gains_and_losses(table, by="space", key="g", lang="de")
    assert not any("3,5" in text for text in [*texts(picture), picture.text])
    assert f"{WITHHELD} nicht ausgewiesen" in texts(picture)
    assert "Neustadt: nicht ausgewiesen" in picture.text
    bars = [
        element for element in parsed(picture).iter() if element.get("fill") in {picture_style.MORE, picture_style.LESS}
    ]
    assert len(bars) == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_names_are_text(lang: str) -> None:
    names = list(HOSTILE)
    needs = pd.DataFrame({"need_id": names, "name": names, "name_en": names})
    spaces = pd.DataFrame({"space_id": names, "name": names})
    coverage = pd.DataFrame({"space_id": names, "need_id": names, "demand": 10.0, "covered": 5.0})
    moving = pd.DataFrame({"name": names, "before": 0.5, "after": 0.4, "amount_eur": 5.0})
    moving = moving.assign(earliest="2027-01-01", contract_end="2028-12-31")
    pictures = [
        gains_and_losses(gains_table(names, [1.0] * len(names)), by="space", key="a", lang=lang),
        dumbbells(moving, key="c", lang=lang, title="c"),
        waterfall(moving, moving, key="e", lang=lang, title="e"),
        dates(moving, key="f", lang=lang, title="f"),
        coverage_matrix.coverage_matrix(coverage, spaces, needs, key="d", lang=lang),
    ]
    for picture in pictures:
        assert "<script" not in picture.svg
        assert "<img" not in picture.svg
        shown = " ".join(texts(picture))
        assert "script>" in shown
        assert "\u202e" not in picture.svg + picture.text
        assert "\u2068מרכז נוער\u2069" in picture.text
        assert clean("ä" * 200) in whole_names(picture)
        assert "{{ 7*7 }}" in picture.text


def test_numbers_and_axes_are_written_in_the_language_of_the_reader() -> None:
    table = gains_table(["Altstadt", "Berg"], [12345.6, -0.25])
    german = gains_and_losses(table, by="space", key="g", lang="de", measure="covered_change")
    english = gains_and_losses(table, by="space", key="g", lang="en", measure="covered_change")
    assert "+12.345,6" in texts(german)
    assert "+12,345.6" in texts(english)
    assert "10.000" in texts(german)
    assert "10,000" in texts(english)
    assert german.title != english.title


def test_the_same_table_gives_the_same_bytes() -> None:
    table = gains_table(["Altstadt", "Berg"], [1 / 3, -2 / 7])
    one, two = (gains_and_losses(table, by="space", key="g", lang="de") for _ in range(2))
    assert one == two


def test_the_table_is_left_as_it_was() -> None:
    table = gains_table(["Altstadt", "Berg"], [1.0, -2.0])
    before = table.copy()
    gains_and_losses(table, by="space", key="g", lang="de")
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("key", ["", "1a", "a b", 'a"b', "a<b"])
def test_a_key_that_cannot_begin_an_id_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="id"):
        gains_and_losses(gains_table(["A"], [1.0]), by="space", key=key, lang="de")


def test_text_is_read_on_every_colour() -> None:
    colours = (*picture_style.COVERAGE_COLOURS, *picture_style.CHANGE_COLOURS)
    assert all(contrast(picture_style.ink_on(colour), colour) >= 4.5 for colour in colours)
    assert contrast(picture_style.INK, picture_style.PAPER) >= 7
    assert contrast(picture_style.SOFT, picture_style.PAPER) >= 7
    # Gains and losses differ on grey paper too; bars stand out from the paper.
    assert contrast(picture_style.MORE, picture_style.LESS) >= 3
    assert contrast(picture_style.LESS, picture_style.PAPER) >= 3
    lightness = [contrast(colour, "#000000") for colour in picture_style.COVERAGE_COLOURS]
    assert lightness == sorted(lightness, reverse=True)


@pytest.mark.parametrize(
    "shorten",
    [
        short_names,
        lambda names, width: ["\n".join(lines) for lines in wrapped_names(names, width)],
    ],
)
def test_short_names_fit_and_differ(shorten: Callable[[list[str], float], list[str]]) -> None:
    names = ["Begegnungsstätte für Familien und Nachbarschaft im Stadtteil Nord, Haus " + end for end in "ABAB"]
    found = shorten([*names, "Kurz", "", "漢" * 80, "W" * 90], 150)
    assert len(set(found)) == len(found)
    assert found[4] == "Kurz"
    for text in found:
        for line in text.split("\n"):
            assert text_width(line.removesuffix(" (2)")) <= 150


def test_long_descriptions_name_both_ends() -> None:
    items = [f"Raum {at}" for at in range(200)]
    assert picture_style.listed(items[:60], "de") == "; ".join(items[:60])
    found = picture_style.listed(items, "de")
    assert "Raum 0;" in found
    assert "Raum 199" in found
    assert "(170 mehr in der Tabelle)" in found


def test_rows_in_which_nothing_happens_do_not_hide_the_others() -> None:
    names = [f"Raum {at}" for at in range(100)]
    few = gains_and_losses(gains_table(names, [0.0] * 98 + [4.0, -3.0]), by="space", key="g", lang="de")
    assert {"Raum 98", "Raum 99", "+4,0", f"{MINUS}3,0"} <= set(texts(few))
    assert "Raum 5" not in texts(few)
    assert "98 bleiben gleich" in few.text
    none = gains_and_losses(gains_table(names[:3], [0.0] * 3), by="space", key="g", lang="en")
    assert "Nobody gains or loses." in texts(none)
    assert "3 stay the same" in none.text


def test_a_cell_without_demand_is_not_called_withheld() -> None:
    coverage = pd.DataFrame(
        {"space_id": ["S1", "S1"], "need_id": ["N1", "N2"], "demand": [10.0, 0.0], "covered": [4.0, 0.0]}
    )
    spaces = pd.DataFrame({"space_id": ["S1"], "name": ["North"]})
    needs = pd.DataFrame({"need_id": ["N1", "N2"], "name": ["Advice", "Care"]})
    drawn = coverage_matrix.coverage_matrix(coverage, spaces, needs, key="m", lang="en")
    signs = [text for text in texts(drawn) if text in (WITHHELD, "–")]
    assert signs == ["–"]


def test_a_word_that_no_line_holds_is_parted_where_a_reader_would() -> None:
    found = wrapped_names(["Erziehungsberatungsstelle der Stadt", "Eltern-Kind-Bildungswerkstatt"], 155)
    assert found == [("Erziehungsberatungs-", "stelle der Stadt"), ("Eltern-Kind-Bildungs-", "werkstatt")]
