"""Remarks say their numbers in the reader's language."""

from __future__ import annotations

from allocate.analyses.remarks import Figure, Remark, said


def test_figures_follow_the_language() -> None:
    assert Figure(1234.56, 1).text("de") == "1.234,6"
    assert Figure(1234.56, 1).text("en") == "1,234.6"
    assert Figure(0.85, share=True).text("de").replace("\xa0", " ") == "85 %"
    remark = Remark("silos/texts.csv", "silo-short", {"units": Figure(6.13, 1)})
    assert " 6,1 " in remark.text("de")
    assert " 6.1 " in remark.text("en")
    assert said((remark,), "en") == [remark.text("en")] and said((remark,), "de") == [remark.text("de")]
