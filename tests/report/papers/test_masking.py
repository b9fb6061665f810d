"""Masked drafts: no provider's name anywhere, the same labels every time, the same plan."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.report.content import gather
from allocate.report.papers.masking import Veil, mask_providers
from allocate.report.papers.page import page
from allocate.session import Session
from tests.report.conftest import Town


@pytest.fixture(scope="module")
def case(auenfurt: Path) -> Case:
    return read_case(auenfurt)


@pytest.fixture(scope="module")
def masked(case: Case) -> Case:
    return mask_providers(case, "de")


def everything(case: Case) -> str:
    """All cells of all tables as one text."""
    cells = [str(cell) for table in case.tables.values() for column in table.columns for cell in table[column].unique()]
    return "\n".join(cells)


def test_no_name_and_no_id_of_a_provider_is_left(case: Case, masked: Case) -> None:
    left = everything(masked)
    for id, name in zip(case["providers"]["provider_id"], case["providers"]["name"], strict=True):
        assert name not in left
        assert not re.search(rf"\b{id}\b", left)


def test_words_that_only_one_provider_has_are_gone_from_its_offers(case: Case, masked: Case) -> None:
    before, after = everything(case), everything(masked)
    for word in ("Elisabeth", "Anker", "Mosaik"):
        assert re.search(rf"\b{word}\b", before)
        assert not re.search(rf"\b{word}\b", after, re.I)


def test_words_of_places_and_needs_stay(case: Case, masked: Case) -> None:
    for table in ("spaces", "needs", "departments", "themes", "demand", "effects", "reach"):
        assert masked[table].equals(case[table]), table
    assert "Sonnenhang" in "".join(masked["offers"]["name"])


def test_labels_are_stable_and_tell_no_order(case: Case) -> None:
    labels = Veil(case, "de").labels
    assert labels == Veil(case, "en").labels
    turned = case._unchecked(providers=case["providers"].iloc[::-1], offers=case["offers"].iloc[::-1])
    assert Veil(turned, "de").labels == labels
    assert sorted(labels.values()) == [f"X{number:02d}" for number in range(1, len(labels) + 1)]
    assert [labels[id] for id in sorted(labels)] != sorted(labels.values())


def test_what_else_is_known_of_providers_is_left_out(masked: Case) -> None:
    assert list(masked["providers"].columns) == ["provider_id", "name"]
    assert masked["providers"]["name"].str.fullmatch(r"Träger X\d\d").all()


def test_the_plan_is_the_same(case: Case, masked: Case) -> None:
    plan, other = Session(case).run("SZ2"), Session(masked).run("SZ2")
    assert plan.objective == other.objective
    pd.testing.assert_frame_equal(plan.offers, other.offers)
    assert masked.fingerprint == case.fingerprint


def test_a_change_of_provider_follows(case: Case) -> None:
    rows = pd.DataFrame(
        [
            ("SZ1", "offers", "O01", "provider_id", "set", "PR05", "Wechsel zu Brückenbogen gGmbH"),
            ("SZ1", "providers", "PR05", "name", "set", "Brückenbogen gGmbH", "neuer Name"),
        ],
        columns=["scenario_id", "table", "key", "column", "how", "value", "reason"],
    )
    changes = pd.concat([case["changes"], rows.assign(source="")], ignore_index=True)
    veil = Veil(case._unchecked(changes=changes), "de")
    label = veil.labels["PR05"]
    last = veil.case["changes"].tail(2).to_dict("records")
    assert last[0]["value"] == label
    assert last[0]["reason"] == f"Wechsel zu Träger {label}"
    assert last[1]["key"] == label
    assert last[1]["value"] == f"Träger {label}"


def test_initials_are_names_and_legal_forms_are_not(case: Case) -> None:
    providers, offers = case["providers"].copy(), case["offers"].copy()
    names = ["AWO Kreisverband Auenfurt e. V.", "SkF Auenfurt GbR"]
    ids = providers["provider_id"].tolist()[:2]
    providers.loc[providers["provider_id"].isin(ids), "name"] = names
    offers.loc[offers.index[0], "name"] = "AWO-Schuldnerberatung"
    offers.loc[offers.index[0], "provider_id"] = ids[0]
    masked = mask_providers(case._unchecked(providers=providers, offers=offers), "de")
    left = everything(masked)
    assert "AWO" not in left
    assert "SkF" not in left
    assert "gbr" not in Veil(case._unchecked(providers=providers), "de")._words


def test_a_new_name_given_by_a_change_is_not_told(case: Case) -> None:
    old = case["changes"].iloc[:1]
    row = old.assign(table="providers", key="PR04", column="name", how="set", value="Sozialwerk Neu gGmbH")
    masked = mask_providers(case._unchecked(changes=row), "de")
    assert masked["changes"]["key"].tolist() == [Veil(case, "de").labels["PR04"]]
    assert "Sozialwerk" not in everything(masked)


def test_a_town_without_providers_is_left_as_it_is(case: Case) -> None:
    offers = case["offers"].assign(provider_id="")
    bare = case._unchecked(providers=case["providers"].iloc[:0], offers=offers)
    assert everything(mask_providers(bare, "de")) == everything(bare)


def test_a_name_in_another_language_is_a_name(case: Case) -> None:
    providers = case["providers"].assign(name_en="")
    providers.loc[providers.index[0], "name_en"] = "Lantern Association"
    offers = case["offers"].assign(provider_id=case["offers"]["provider_id"])
    offers.loc[offers.index[0], ["name", "provider_id"]] = ["Lantern meeting place", providers["provider_id"].iloc[0]]
    assert "Lantern" not in everything(mask_providers(case._unchecked(providers=providers, offers=offers), "en"))


def test_ballots_of_different_groups_stay_apart_under_their_labels(case: Case) -> None:
    veil = Veil(case, "de")
    name = case["providers"]["name"].iloc[0]
    ballots = pd.DataFrame({"ballot_id": ["a", "b", "c", "d"], "group": [name, name.upper(), "Jugend", name]})
    groups = veil.groups(ballots)["group"].tolist()
    assert groups[2] == "Jugend"
    assert groups[0] == groups[3] != groups[1]
    assert not any(name.casefold() in group.casefold() for group in groups)


def test_the_page_names_nobody(small: Town) -> None:
    case = read_case(small.folder)
    providers = case["providers"].assign(name=["Sozialwerk Ödön", "Bund der Käuze", "Verein Zwirn"])
    offers = case["offers"].assign(name=[f"Treff von Sozialwerk Ödön {at}" for at in range(len(case["offers"]))])
    named = case._unchecked(providers=providers, offers=offers)
    html = page(gather(Session(mask_providers(named, "de")), ["S1"]), "de", masked=True)
    for word in ("Ödön", "Käuze", "Zwirn", *case["providers"]["provider_id"]):
        assert not re.search(rf"\b{word}\b", html), word
    assert "Träger X01" in html
    assert "Vertraulicher Entwurf" in html
    assert "Treff von Träger X" in html
