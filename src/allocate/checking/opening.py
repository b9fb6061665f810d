"""Opening: the one way from a folder or workbook to a checked Case."""

from __future__ import annotations

from pathlib import Path

from allocate.checking.check_case import check_case
from allocate.checking.follow_on import without_follow_ons
from allocate.errors import InputError, expect
from allocate.inputs.case import Case, currency_of
from allocate.inputs.findings import errors, join
from allocate.inputs.reading.boundaries import check_boundaries
from allocate.inputs.reading.package import ReadResult, read_tables
from allocate.language import reckon_in

__all__ = ["ReadResult", "read_case", "read_checked", "read_tables"]


def read_case(path: str | Path) -> Case:
    """The case at ``path``, read and checked.

    Raises ``InputError`` with the table of all findings when any of them is an error, and where there is nothing
    to read (see ``read_tables``), and ``UsageError`` for what is no path.
    """
    expect(path, (str, Path), "path")
    result = read_checked(path)
    wrong = errors(result.findings)
    if len(wrong):
        raise InputError("case-findings", findings=result.findings, case=result.case.name, count=len(wrong))
    return result.case


def read_checked(path: str | Path) -> ReadResult:
    """The case at ``path`` and all findings, those of reading first, then those of checking.

    A case without an error is known to be in order, so that no session of it checks it again.
    """
    result = read_tables(path)
    reckon_in(currency_of(result.case))
    found = without_follow_ons(result.case, result.findings, check_case(result.case))
    found = join(found, check_boundaries(result.case))
    in_order = not len(errors(found))
    known = result.case._known(checked=in_order, as_read=result.case._as_read, findings=found)
    return ReadResult(known, found)
