"""A faultless town of three spaces that uses every table, and ways to spoil one thing in it."""

from __future__ import annotations

import copy
import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from allocate.checking.opening import ReadResult, read_checked
from allocate.inputs.case import Case

type Row = dict[str, object]
type Town = dict[str, list[Row]]
type Spoil = Callable[[Town], object]


def _rows(columns: str, *lines: str) -> list[Row]:
    names = columns.split()
    return [dict(zip(names, (cell.strip() for cell in line.split(",")), strict=True)) for line in lines]


FAULTLESS: Town = {
    "spaces": _rows("space_id name region_id weight", "S1,Mitte,R1,1", "S2,Nord,R1,1", "S3,Dorf,R2,1.5"),
    "regions": _rows("region_id name", "R1,Stadt", "R2,Land"),
    "needs": _rows(
        "need_id name unit weight theme_id duty", "N1,Beratung,Fälle,2,T1,mandatory", "N2,Treff,Plätze,1,T2,"
    ),
    "demand": _rows("space_id need_id demand", "S1,N1,60", "S2,N1,40", "S3,N1,30", "S1,N2,100", "S2,N2,80", "S3,N2,50"),
    "offers": _rows(
        "offer_id name provider_id department_id theme_id home_space_id unit_cost max_capacity baseline_capacity"
        " committed_capacity fixed_cost variable_unit_cost min_capacity_if_open contract_end posts_per_unit",
        "O1,Beratungsstelle,A,D1,T1,S1,1000,100,80,40,40000,500,20,2028-12-31,0.02",
        "O2,Beratung Dorf,B,D1,T1,S3,1200,40,20,10,12000,600,10,2027-12-31,0.03",
        "O3,Treff,B,D2,T2,S1,400,200,150,50,30000,200,30,,0.01",
        "O4,Treff mobil,C,D2,T2,S2,500,60,30,0,6000,300,10,,0",
    ),
    "effects": _rows("offer_id need_id effect", "O1,N1,1", "O2,N1,0.9", "O3,N2,1", "O4,N2,1", "O4,N1,0.1"),
    "reach": _rows(
        "offer_id space_id access max_capacity baseline_capacity min_use_share max_use_share",
        "O1,S1,1,,50,0.2,1",
        "O1,S2,0.8,60,30,0,0.6",
        "O2,S3,1,,20,0,1",
        "O3,S1,1,,100,0,1",
        "O3,S2,0.7,80,50,0,0.5",
        "O4,S2,1,,20,0,1",
        "O4,S3,0.9,30,10,0,1",
    ),
    "pots": _rows(
        "pot_id name amount departments themes offers pooled max_share",
        "P1,Jugendamt,110000,D1,,,yes,1",
        "P2,Sozialamt,80000,D2,,,yes,1",
        "P3,Land,30000,,,O1;O3,no,0.5",
    ),
    "cofinancing": _rows("pot_id offer_id per_eur_of most", "P3,,P1;P2,1"),
    "staff": _rows("staff_id year name offers departments posts", "B1,,Beratung,,D1,3", "B1,2028,Beratung,,D1,2.8"),
    "eligibility": _rows("pot_id offer_id allowed max_share", "P2,O2,yes,0.4"),
    "baseline_funding": _rows(
        "pot_id offer_id amount", "P1,O1,60000", "P3,O1,20000", "P1,O2,24000", "P2,O3,60000", "P2,O4,15000"
    ),
    "floors": _rows(
        "floor_id floor_set scope scope_id need_id min_coverage kind basis",
        "F1,base,all,*,N1,0.5,statutory,§ 1",
        "F2,base,region,R1,N2,0.3,political,Beschluss",
        "F3,base,space,*,N1,0.2,political,Beschluss",
        "F4,base,all,*,N1,0.9,target,Ziel",
        "F5,more,all,*,N1,0.7,statutory,§ 2",
    ),
    "plurality": _rows(
        "cluster_id name need_id scope scope_id offers assessment min_share_each max_share_provider min_demand_share"
        " min_providers",
        "C1,Beratung,N1,all,,O1;O2,wanted,0.1,0.9,0.2,2",
        "C2,Treffs,N2,space,S2,O3;O4,suspected,,,,",
    ),
    "overlaps": _rows("offer_id_a offer_id_b need_id same_target_group same_space wanted", "O3,O4,N2,0.8,0.5,0"),
    "segments": _rows("segment from to value", "1,0,0.5,1", "2,0.5,0.8,0.6", "3,0.8,1,0.3"),
    "weight_sets": _rows("weight_set need_id weight", "poll,N1,1", "poll,N2,3"),
    "providers": _rows("provider_id name", "A,Amt", "B,Verein", "C,Kirche"),
    "departments": _rows("department_id name", "D1,Jugendamt", "D2,Sozialamt"),
    "themes": _rows("theme_id name", "T1,Beratung", "T2,Begegnung"),
    "parameters": _rows("parameter value", "plan_year,2027", "equity_weight,0.05"),
    "scenarios": _rows(
        "scenario_id title parent_id pooling floor_sets weight_set max_moved evaluate indivisible expected",
        "Q,Status quo,,silo,base,,,yes,no,",
        "A,Säulen,,silo,base,,,no,no,optimal",
        "B,Integriert,A,integrated,base,,50000,no,no,",
        "C,Strenger,B,integrated,base;more,poll,,no,yes,",
    ),
    "changes": _rows(
        "scenario_id table key column how value reason source",
        "B,pots,P1,amount,multiply,1.02,Tarif,Haushalt",
        "C,demand,*|N2,demand,multiply,1.1,Zuzug,Prognose",
        "C,offers,O4,max_capacity,add,10,Ausbau,",
    ),
    "commitments": _rows("offer_id year min_capacity reason", "O1,2027,40,Vertrag", "O1,2028,40,Vertrag"),
    "pot_years": _rows("pot_id year amount", "P1,2027,110000", "P1,2028,112000"),
}


def put(table: str, row: int, /, **cells: object) -> Spoil:
    """Write cells of a row; ``row`` counts as in the file (2 is the first below the header)."""
    return lambda town: town[table][row - 2].update(cells)


def add(table: str, /, **cells: object) -> Spoil:
    """Append a row; columns that are not named are blank."""

    def append(town: Town) -> None:
        columns = list(town[table][0]) if town[table] else []
        town[table].append({**dict.fromkeys(columns, ""), **cells})

    return append


def drop(table: str, *rows: int) -> Spoil:
    """Leave out rows, or the whole table."""

    def leave_out(town: Town) -> None:
        if not rows:
            town.pop(table)
            return
        town[table] = [row for number, row in enumerate(town[table], 2) if number not in rows]

    return leave_out


def all_rows(table: str, /, **cells: object) -> Spoil:
    """Write the same cells into every row of a table."""
    return lambda town: [row.update(cells) for row in town[table]]


def spoilt(*spoils: Spoil) -> Town:
    """The faultless town with some things spoilt."""
    town = copy.deepcopy(FAULTLESS)
    for spoil in spoils:
        spoil(town)
    return town


def write(folder: Path, town: Town) -> Path:
    """Write a town as a folder of CSV files; an empty table is a file with a header only."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in town.items():
        columns = list(dict.fromkeys(column for row in rows or FAULTLESS[name] for column in row))
        pd.DataFrame(rows, columns=columns).to_csv(folder / f"{name}.csv", index=False)
    return folder


def checked(folder: Path, *spoils: Spoil) -> ReadResult:
    """The spoilt town as it is read and checked."""
    return read_checked(write(folder / "town", spoilt(*spoils)))


@functools.cache
def faultless() -> Case:
    """The faultless town as a case."""
    with tempfile.TemporaryDirectory() as folder:
        return checked(Path(folder)).case


def case(folder: Path, *spoils: Spoil) -> Case:
    """The spoilt town as a case, whatever was found."""
    return checked(folder, *spoils).case if spoils else faultless()
