"""The register of pictures: every one is drawn, answers a question in both languages and stands beside its table."""

from __future__ import annotations

from allocate.language import LANGUAGES
from allocate.report.audience import PICTURE, TABLE, readers
from allocate.report.blocks.order import blocks
from allocate.report.pictures.register import CHARTS
from allocate.report.pictures.style import NARROW
from allocate.report.sections.order import sections
from tests.report.conftest import Town


def test_every_picture_stands_where_the_register_says_beside_a_table_that_is_there(example: Town) -> None:
    parts = {one.key: one for one in (*blocks(example.content, "en"), *sections(example.content, "en"))}
    tables = {sheet.key for one in parts.values() for sheet in one.sheets}
    assert {(TABLE, key) for key in tables} <= set(readers())
    known = {chart.chapter for chart in CHARTS}
    seen = set()
    for key, part in parts.items():
        assert not part.pictures or key in known
        for one in part.pictures:
            chart = next(chart for chart in CHARTS if chart.chapter == key and one.key.startswith(f"p-{chart.key}"))
            assert one.table in tables, one.key
            assert (PICTURE, one.key) in readers(), one.key
            seen.add(chart.key)
    # Boundaries are drawn before and after only where the town has some, a path only where it was asked for.
    assert {chart.key for chart in CHARTS} - seen <= {"then", "path"}


def test_every_picture_answers_a_question_and_a_phone_shows_all_of_it(example: Town) -> None:
    for lang in LANGUAGES:
        assert all(chart.asks(lang).endswith("?") for chart in CHARTS)
    parts = (*blocks(example.content, "de"), *sections(example.content, "de"))
    widths = {
        one.key: float(one.svg.partition('width="')[2].partition('"')[0]) for part in parts for one in part.pictures
    }
    assert len(widths) > 8
    assert not {key: width for key, width in widths.items() if width > NARROW}
