"""The trade-off curve: what the best proposals reach in two goals at once, with the proposal and today marked."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from allocate.plain import Spec
from allocate.report.pictures.drawing import drawn
from allocate.report.pictures.picture import Picture
from allocate.report.pictures.style import (
    FONT_SIZE,
    INK,
    LESS,
    MORE,
    NARROW,
    PAPER,
    WIDTH,
    cells,
    listed,
    say,
    wrapped_names,
)

# Goals whose axis is a share; the others are EUR/year.
SHARES = frozenset({"equity"})
_HEIGHT, _LEGEND_ROW, _LEFT = 260, 18, 56
# The area of a point that can be clicked.
_LINKED = 200
# Mark -> form, filling and line: told apart without colour.
_FORMS = {
    "chosen": ("square", MORE, MORE, 130),
    "status_quo": ("triangle-up", LESS, INK, 130),
    "knee": ("diamond", PAPER, INK, 150),
    "point": ("circle", PAPER, MORE, 36),
}


def trade_off(
    points: pd.DataFrame,
    marks: pd.DataFrame,
    segments: pd.DataFrame,
    *,
    against: str,
    key: str,
    lang: str,
    indivisible: bool = False,
    title: str = "",
    linked: bool = False,
) -> Picture:
    """Coverage value against another goal (``points``, ``marks`` and ``segments`` of a ``Frontier``).

    ``against``: duplication, equity, moved or budget. ``indivisible``: the points are proposals of their own, so no
    line joins them. ``linked``: every point is a link to ``#point-N``, ``N`` its number in ``points``.
    """
    title = title or say(f"trade-off-title-{against}", lang)
    kind = "axis_share" if against in SHARES else "axis_eur"
    marked = _marked(points, marks, kind, lang)
    spec = _spec(points, marked, against, joined=not indivisible and len(points) > 1, linked=linked, lang=lang)
    svg = drawn(spec, key=key, title=title, lang=lang, whole_names={})
    return Picture(key, svg, _text(points, marked, segments, against, kind, indivisible, lang), title)


def _marked(points: pd.DataFrame, marks: pd.DataFrame, kind: str, lang: str) -> pd.DataFrame:
    """What stands out: the proposal, today and the bend of the curve, with their sentence."""
    knee = points.loc[points["knee"].astype(bool), ["axis", "coverage_value"]].assign(mark="knee", floors_missed=0)
    table = pd.concat([marks, knee], ignore_index=True)[["mark", "axis", "coverage_value", "floors_missed"]]
    table["sentence"] = [
        say(
            "trade-off-missed" if missed else "trade-off-mark",
            lang,
            mark=say(f"mark-{mark}", lang),
            coverage=coverage,
            axis=axis,
            count=int(missed),
        )
        for mark, missed, coverage, axis in zip(
            table["mark"],
            table["floors_missed"].fillna(0),
            cells(table["coverage_value"], "coverage_value", lang),
            cells(table["axis"], kind, lang),
            strict=True,
        )
    ]
    return table


def _digits(table: pd.DataFrame) -> int:
    """Decimals of the axis of coverage values: so many that no two of its ticks are written alike."""
    values = table["coverage_value"].dropna()
    span = float(values.max() - values.min()) if len(values) else 1.0
    # The axis is rounded to at most ten steps; the finest of them is 1, 2 or 5 times a power of ten.
    return min(max(2, math.ceil(-math.log10(span / 10))), 6) if span > 0 else 2


def _spec(points: pd.DataFrame, marked: pd.DataFrame, against: str, *, joined: bool, linked: bool, lang: str) -> Spec:
    own = points[["axis", "coverage_value"]].assign(mark="point", link=[f"#point-{one}" for one in points["point"]])
    table = pd.concat([own, marked], ignore_index=True)
    x = {
        "field": "axis",
        "type": "quantitative",
        "scale": {"zero": False, "nice": True},
        "axis": {
            "title": say(f"trade-off-axis-{against}", lang),
            "format": ".0%" if against in SHARES else "$,.0f",
            "tickCount": 5,
            "labelOverlap": True,
            "labelSeparation": 10,
        },
    }
    y = {
        "field": "coverage_value",
        "type": "quantitative",
        "scale": {"zero": False, "nice": True},
        "axis": {"title": say("trade-off-coverage", lang), "format": f".{_digits(table)}f", "tickCount": 5},
    }
    layers: list[Spec] = []
    if joined:
        line = {"type": "line", "color": MORE, "strokeWidth": 2, "interpolate": "linear"}
        layers.append({"data": {"values": _records(points)}, "mark": line, "encoding": {"x": x, "y": y}})
    # The proposal is drawn last, so that nothing hides it.
    for mark in ("point", "status_quo", "knee", "chosen"):
        form, fill, stroke, size = _FORMS[mark]
        link = linked and mark == "point"
        drawn_as = {"type": "point", "shape": form, "fill": fill, "stroke": stroke, "opacity": 1}
        layers.append(
            {
                "data": {"values": _records(table[table["mark"] == mark], linked=link)},
                "mark": {**drawn_as, "size": _LINKED if link else size},
                "encoding": {"x": x, "y": y, **({"href": {"field": "link"}} if link else {})},
            }
        )
    legend = [("point", say("mark-point", lang)), *zip(marked["mark"], marked["sentence"], strict=True)]
    # Where points are to be touched they need room; elsewhere a phone shows the whole picture.
    wide, row = WIDTH if linked else NARROW, 0
    for mark, sentence in legend:
        lines = wrapped_names([sentence], wide - 30)[0]
        layers += _legend_row(row, mark, lines)
        row += len(lines)
    return {
        "width": wide - _LEFT - 16,
        "height": _HEIGHT,
        "padding": {"left": _LEFT, "right": 16, "top": 10, "bottom": 56 + _LEGEND_ROW * row},
        "layer": layers,
    }


def _records(table: pd.DataFrame, *, linked: bool = False) -> list[Spec]:
    names = ["axis", "coverage_value", *(["link"] if linked else [])]
    return [
        {str(name): value for name, value in row.items()}
        for row in table[names].dropna(subset=["axis", "coverage_value"]).to_dict("records")
    ]


def _legend_row(place: int, mark: str, lines: Sequence[str]) -> list[Spec]:
    """A mark and its sentence below the axis; direct labels would hide each other where marks are close."""
    form, fill, stroke, size = _FORMS[mark]
    y = {"value": _HEIGHT + 58 + _LEGEND_ROW * place}
    symbol = {"type": "point", "shape": form, "fill": fill, "stroke": stroke, "size": min(size, 90), "opacity": 1}
    label = {"type": "text", "align": "left", "baseline": "middle", "fontSize": FONT_SIZE, "color": INK}
    one: Spec = {"values": [{}]}
    return [
        {"data": one, "mark": symbol, "encoding": {"x": {"value": 8 - _LEFT}, "y": y}},
        *(
            {
                "data": one,
                "mark": {**label, "text": line},
                "encoding": {"x": {"value": 22 - _LEFT}, "y": {"value": y["value"] + _LEGEND_ROW * at}},
            }
            for at, line in enumerate(lines)
        ),
    ]


def _text(
    points: pd.DataFrame,
    marked: pd.DataFrame,
    segments: pd.DataFrame,
    against: str,
    kind: str,
    indivisible: bool,
    lang: str,
) -> str:
    if indivisible:
        curve = say("trade-off-points", lang, count=len(points))
    elif len(points) > 1:
        curve = say("trade-off-curve", lang, count=len(points))
    else:
        curve = say("trade-off-single", lang)
    pairs = zip(cells(points["coverage_value"], "coverage_value", lang), cells(points["axis"], kind, lang), strict=True)
    reached = [say("trade-off-point", lang, coverage=coverage, axis=axis) for coverage, axis in pairs]
    return say(
        "trade-off-text",
        lang,
        curve=curve,
        axis=say(f"trade-off-axis-{against}", lang),
        marks=". ".join(marked["sentence"]),
        points=listed(reached, lang),
        step=_step(segments, kind, lang),
    )


def _step(segments: pd.DataFrame, kind: str, lang: str) -> str:
    """What the step of the curve that holds the proposal costs and brings."""
    inside = segments[segments["contains_chosen"].astype(bool)] if len(segments) else segments
    if not len(inside):
        return ""
    axis = cells(inside["axis_change"].head(1), f"{kind}_change", lang)[0]
    units = cells(inside["covered_units_change"].head(1), "covered_units_change", lang)[0]
    return say("trade-off-step", lang, axis=axis, units=units)
