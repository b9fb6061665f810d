"""Ballots: how people or groups weigh the needs, read from a form, a table, or a survey's export, and checked.

    points    any numbers from 0 on, in proportion (100 points to hand out, say); blank is 0
    ranking   1 for the most important need, ties allowed; blank needs share the places behind
    swing     0 to 100: how much going from today's coverage to full coverage is worth, the most important one 100

Three layouts are understood: a *form* (one sheet per ballot, as ``ballot_form`` writes it), a *long* table (columns
``ballot_id, group, persons, method, need_id, value``), and a *wide* one (one row per ballot, one column per need id).
Everything that is wrong is reported at once; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from allocate.errors import InputError
from allocate.inputs.case import Source
from allocate.inputs.findings import NOTE, FindingList, errors
from allocate.inputs.reading.loose import Sheet, loose_sheets, numbers_of, with_columns
from allocate.inputs.voices.ballot_rules import check_ballots
from allocate.inputs.voices.suggestions import SHEET as SUGGESTIONS
from allocate.language import LANGUAGES, Texts

POINTS, RANKING, SWING = METHODS = ("points", "ranking", "swing")
META = ("ballot_id", "group", "persons", "method")
COLUMNS = (*META, "need_id", "value")
_FORM_ROWS = 40  # within which the head of a form must lie
_TEXTS = Texts("allocate.inputs", "texts_participation.csv")


@dataclass(frozen=True)
class Ballots:
    """Checked ballots.

    ``table``: one row per ballot and asked need: ``ballot_id, group, persons, method, need_id, value`` (NaN where
    left blank). ``asked``: the needs people were asked about, in the case's order. ``left_out``: invalid ballots that
    were passed over. ``findings``: all findings, errors of ballots left out among them.
    """

    table: pd.DataFrame
    asked: tuple[str, ...]
    left_out: int
    findings: pd.DataFrame

    @property
    def count(self) -> int:
        """How many ballots there are."""
        return int(self.table["ballot_id"].nunique())

    @property
    def persons(self) -> float:
        """How many people they stand for."""
        return float(self.table.drop_duplicates("ballot_id")["persons"].sum())


def read_ballots(
    paths: Sequence[Path], needs: Sequence[str], *, method: str = "", skip_invalid: bool = False
) -> Ballots:
    """Read and check ballots from CSV files and workbooks; ``needs`` are the ids of the case.

    ``method`` is that of ballots which name none. Raises ``InputError``: ``ballots-findings`` (with the table of all
    findings) unless invalid ballots are to be left out and nothing else is wrong, ``ballots-none`` where nobody filled
    in anything, ``file-missing`` and the errors of unreadable workbooks.
    """
    findings = FindingList()
    parts = []
    for path in paths:
        sheets = loose_sheets(path, {*COLUMNS, *needs}, findings)
        parts += [_entries(sheet, needs, findings) for sheet in sheets if sheet.source.sheet.casefold() != SUGGESTIONS]
    raw = pd.concat([part for part in parts if part is not None and len(part)] or [_no_entries()], ignore_index=True)
    raw["method"] = raw["method"].map(_method).where(raw["method"] != "", method)
    invalid = check_ballots(raw, needs, findings)
    table = findings.table()
    wrong = errors(table)
    # Only single ballots may be left out; a file that cannot be read as a whole is nobody's invalid ballot.
    whole_files = ~wrong["rule"].str.startswith("ballot-") | wrong["rule"].isin(
        ["ballot-layout", "ballot-column-missing"]
    )
    if len(wrong) and (not skip_invalid or whole_files.any()):
        raise InputError("ballots-findings", findings=table, count=len(wrong))
    valid = raw[~raw["ballot"].isin(invalid)]
    if valid.empty:
        files = ", ".join(path.name for path in paths)
        raise InputError("ballots-none", place=files, findings=table, files=files)
    named = set(raw["need_id"])
    asked = tuple(need for need in needs if need in named)
    return Ballots(_whole(valid, asked), asked, len(invalid), table)


def _whole(valid: pd.DataFrame, asked: tuple[str, ...]) -> pd.DataFrame:
    """One row per ballot and asked need; a need that a ballot does not name was left blank."""
    heads = valid.drop_duplicates("ballot")[["ballot", "ballot_id", "group", "persons_number", "method"]]
    every = heads.merge(pd.DataFrame({"need_id": list(asked)}, dtype="str"), how="cross")
    values = valid[["ballot", "need_id", "number"]]
    whole = every.merge(values, on=["ballot", "need_id"], how="left", validate="one_to_one")
    whole = whole.rename(columns={"persons_number": "persons", "number": "value"})
    return whole[list(COLUMNS)]


def _method(word: str) -> str:
    """The method a word means, in either language; the word itself where it means none."""
    known = {_TEXTS.say(f"method.{name}", lang).casefold(): name for name in METHODS for lang in LANGUAGES}
    return known.get(word.casefold(), word.casefold() if word.casefold() in METHODS else word)


def _no_entries() -> pd.DataFrame:
    texts = pd.DataFrame({name: pd.Series(dtype="str") for name in (*COLUMNS, "ballot", "file", "sheet", "at")})
    rows = {name: pd.Series(dtype="int64") for name in ("row", *(f"row_{name}" for name in META))}
    return texts.assign(stored=pd.Series(dtype="float64"), number=0.0, persons_number=0.0, **rows)


def _entries(sheet: Sheet, needs: Sequence[str], findings: FindingList) -> pd.DataFrame | None:
    """The entries of one sheet: ``COLUMNS`` as text, their numbers, and their places; None for a sheet of none."""
    head = [name.casefold() for name in sheet.texts.iloc[0]]
    form = _form_rows(sheet)
    if form is not None:
        entries = _of_form(sheet, form)
    elif {"need_id", "value"} <= set(head):
        entries = _of_long(sheet, findings)
    elif set(head) & {need.casefold() for need in needs}:
        entries = _of_wide(sheet, needs, findings)
    else:
        severity = NOTE if sheet.source.sheet else "error"
        findings.add("ballot-layout", sheet.source, severity=severity, row=1, value=", ".join(head)[:60])
        return None
    if entries is None:
        return None
    return entries.assign(file=sheet.source.file, sheet=sheet.source.sheet)


def _form_rows(sheet: Sheet) -> dict[str, int] | None:
    """The rows of a form in which its first column says ``group``, ``method``, ``need_id`` ...; None if it is none."""
    first = sheet.texts[0].iloc[:_FORM_ROWS].str.casefold()
    rows = {word: int(first.index[first == word][0]) for word in (*META, "need_id") if (first == word).any()}
    if sheet.texts.shape[1] < 2 or not {"method", "need_id"} <= set(rows) or rows["need_id"] < rows["method"]:
        return None
    has_values = (sheet.texts.loc[rows["need_id"]].str.casefold() == "value").any()
    return rows if has_values else None


def _of_form(sheet: Sheet, rows: dict[str, int]) -> pd.DataFrame | None:
    """A form holds one ballot; one on which nothing was entered is passed over."""
    table, stored = _lower(sheet.table(rows["need_id"])), _lower(sheet.stored(rows["need_id"]))
    kept = (table["need_id"] != "").to_numpy(dtype=bool)
    table, stored = table[kept], stored[kept]
    if (table["value"] == "").all():
        return None
    said = {name: str(sheet.texts.loc[rows[name], 1]) if name in rows else "" for name in META}
    # Everybody fills in a copy of the same sheet, so a ballot without an id is known by its place.
    own = said["ballot_id"] or f"{Path(sheet.source.file).stem}/{sheet.source.sheet}"
    entries = pd.DataFrame({**said, "need_id": table["need_id"], "value": table["value"]}, index=table.index)
    entries["ballot_id"] = own
    persons = sheet.numbers[1].get(rows["persons"], float("nan")) if "persons" in rows else float("nan")
    placed = _placed(entries, stored["value"], "value", pd.Series(persons, index=entries.index), sheet.source)
    return placed.assign(**{f"row_{name}": row for name, row in rows.items() if name in META})


def _of_long(sheet: Sheet, findings: FindingList) -> pd.DataFrame | None:
    table, stored = _lower(sheet.table()), _lower(sheet.stored())
    _doubled(sheet, findings)
    if "ballot_id" not in table.columns:
        findings.add("ballot-column-missing", sheet.source, row=1, column="ballot_id")
        return None
    _further_columns(table, COLUMNS, sheet.source, findings)
    entries = with_columns(table, COLUMNS)
    persons = stored["persons"] if "persons" in stored else pd.Series(float("nan"), index=table.index)
    return _placed(entries, stored["value"], "value", persons, sheet.source)


def _of_wide(sheet: Sheet, needs: Sequence[str], findings: FindingList) -> pd.DataFrame:
    table, stored = _lower(sheet.table()), _lower(sheet.stored())
    _doubled(sheet, findings)
    named = {need.casefold(): need for need in needs}
    asked = [name for name in table.columns if name in named]
    _further_columns(table, (*META, *asked), sheet.source, findings)
    heads = with_columns(table, META)
    numbered = pd.Series([f"{sheet.source.file}:{row}" for row in table.index], index=table.index, dtype="str")
    heads["ballot_id"] = heads["ballot_id"].where(heads["ballot_id"] != "", numbered)
    persons = stored["persons"] if "persons" in stored else pd.Series(float("nan"), index=table.index)
    answered = (table[asked] != "").any(axis=1)
    parts = []
    for name in asked:
        entries = heads.assign(need_id=named[name], value=table[name])[answered]
        parts.append(_placed(entries, stored[name][answered], named[name], persons[answered], sheet.source))
    return pd.concat(parts).sort_values("row", kind="stable")


def _placed(entries: pd.DataFrame, stored: pd.Series, column: str, persons: pd.Series, source: Source) -> pd.DataFrame:
    """Entries with their numbers, their places, and ``ballot``, which tells ballots of one name in two files apart."""
    own = entries.assign(row=entries.index.to_numpy(), at=column, stored=stored.to_numpy(dtype=float))
    own["number"] = numbers_of(entries["value"], stored).to_numpy()
    own["persons_number"] = numbers_of(entries["persons"], persons).to_numpy()
    blank = (entries["persons"] == "").to_numpy(dtype=bool)
    own.loc[blank, "persons_number"] = 1.0
    place = f"{source.file}\x1f{source.sheet}\x1f"
    own = own.assign(**{f"row_{name}": own["row"] for name in META})
    return own.assign(ballot=place + own["ballot_id"].astype("str")).reset_index(drop=True)


def _lower(table: pd.DataFrame) -> pd.DataFrame:
    """The table with names in lower case, the first of two alike."""
    lower = table.set_axis(table.columns.str.casefold(), axis=1)
    return lower.loc[:, ~lower.columns.duplicated()]


def _doubled(sheet: Sheet, findings: FindingList) -> None:
    """A column that stands twice, of which one would be passed over in silence."""
    for name in sheet.doubled():
        findings.add("read-header-twice", sheet.source, row=1, column=name)


def _further_columns(table: pd.DataFrame, known: Sequence[str], source: Source, findings: FindingList) -> None:
    """Columns that are neither a head nor a need are named, because a misspelt need would be lost in silence."""
    others = [name for name in table.columns if name not in known and name != "comment" and not name.startswith("_")]
    for name in others:
        findings.add("ballot-column-free", source, severity=NOTE, row=1, column=name)
