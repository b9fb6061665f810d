"""How a town has grown: people, needs, offers and who has always paid for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator

# Spaces an offer is used by.
REACH = (3, 20)


@dataclass(frozen=True)
class Grown:
    """The status quo of a town as tables; ``funding`` pays exactly what ``offers`` cost at their baseline."""

    spaces: pd.DataFrame
    needs: pd.DataFrame
    demand: pd.DataFrame
    offers: pd.DataFrame
    effects: pd.DataFrame
    reach: pd.DataFrame
    pots: pd.DataFrame
    eligibility: pd.DataFrame
    funding: pd.DataFrame
    departments: list[str]
    themes: list[str]
    providers: list[str]


def grow(rng: Generator, spaces: int, needs: int, offers: int, pots: int, departments: int) -> Grown:
    """Let a town grow."""
    department_ids = [f"D{i + 1:02d}" for i in range(departments)]
    themes = [f"T{i + 1:02d}" for i in range(max(departments, needs // 4))]
    providers = [f"PR{i + 1:03d}" for i in range(max(3, offers // 5))]
    space_table, where = _spaces(rng, spaces)
    need_table = _needs(rng, needs, themes)
    demand = _demand(rng, space_table, need_table)
    offer_table = _offers(rng, offers, space_table, themes, department_ids, providers)
    effects = _effects(rng, offer_table, need_table)
    reach = _reach(rng, offer_table, space_table, where, effects, demand)
    offer_table = _capacities(rng, offer_table, reach)
    pot_table = _pots(rng, pots, department_ids, themes, offer_table, space_table)
    funding, eligibility = _funding(rng, pot_table, offer_table)
    paid = funding.groupby("pot_id")["amount"].sum().reindex(pot_table["pot_id"]).fillna(0).to_numpy()
    # A general budget keeps a few hundred euros, an earmarked grant is often not drawn in full.
    slack = np.where(pot_table["pooled"], 1.0005, 1.06)
    pot_table["amount"] = np.ceil(np.maximum(paid * slack, 1000) / 100) * 100
    reach = reach.drop(columns="weight")
    return Grown(
        spaces=space_table,
        needs=need_table,
        demand=demand,
        offers=offer_table,
        effects=effects,
        reach=reach,
        pots=pot_table,
        eligibility=eligibility,
        funding=funding,
        departments=department_ids,
        themes=themes,
        providers=providers,
    )


def _ids(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{i + 1:0{len(str(count))}d}" for i in range(count)]


def _spaces(rng: Generator, count: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Spaces on a plane, in regions by place; the index of deprivation is also the weight of a person."""
    where = rng.random((count, 2))
    regions = max(2, round(np.sqrt(count) / 2))
    region = (where[:, 0] * regions).astype(int) * regions + (where[:, 1] * regions).astype(int)
    table = pd.DataFrame({"space_id": _ids("S", count)})
    table["name"] = "Raum " + table["space_id"]
    table["region_id"] = [f"R{r + 1:03d}" for r in region]
    table["population"] = rng.lognormal(8.6, 0.4, count).round()
    table["weight"] = np.clip(rng.normal(1.0, 0.2, count), 0.6, 1.6).round(2)
    return table, where


def _needs(rng: Generator, count: int, themes: list[str]) -> pd.DataFrame:
    table = pd.DataFrame({"need_id": _ids("N", count)})
    table["name"] = "Bedarf " + table["need_id"]
    table["unit"] = "Personen/Jahr"
    table["theme_id"] = [themes[i % len(themes)] for i in range(count)]
    table["weight"] = rng.integers(2, 21, count).astype(float)
    table["duty"] = rng.choice(["mandatory", "should", "voluntary"], count)
    table["wanted_reserve"] = np.where(rng.random(count) < 0.3, 0.1, 0.0)
    return table


def _demand(rng: Generator, spaces: pd.DataFrame, needs: pd.DataFrame) -> pd.DataFrame:
    """Need units by population, a rate per need and deprivation; a few cells are empty."""
    rate = rng.uniform(0.004, 0.05, len(needs))
    steep = rng.uniform(0.5, 2.5, len(needs))
    people = spaces["population"].to_numpy()[:, None]
    deprived = spaces["weight"].to_numpy()[:, None]
    amount = (people * rate * deprived**steep * rng.lognormal(0, 0.25, (len(spaces), len(needs)))).round()
    amount[rng.random(amount.shape) < 0.02] = 0
    return pd.DataFrame(
        {
            "space_id": np.repeat(spaces["space_id"].to_numpy(), len(needs)),
            "need_id": np.tile(needs["need_id"].to_numpy(), len(spaces)),
            "demand": amount.ravel(),
        }
    )


def _offers(
    rng: Generator, count: int, spaces: pd.DataFrame, themes: list[str], departments: list[str], providers: list[str]
) -> pd.DataFrame:
    table = pd.DataFrame({"offer_id": _ids("O", count)})
    table["name"] = "Angebot " + table["offer_id"]
    table["provider_id"] = rng.choice(providers, count)
    # Every theme has its offers; beyond that some themes have always drawn more of them than others.
    favour = rng.dirichlet(np.full(len(themes), 3.0))
    theme = np.where(np.arange(count) < 2 * len(themes), np.arange(count) % len(themes), -1)
    theme = np.where(theme < 0, rng.choice(len(themes), count, p=favour), theme)
    table["department_id"] = [departments[t % len(departments)] for t in theme]
    table["theme_id"] = [themes[t] for t in theme]
    table["home_space_id"] = rng.choice(spaces["space_id"].to_numpy(), count)
    table["unit"] = "Plätze/Jahr"
    table["unit_cost"] = rng.lognormal(6.6, 0.5, count).round()
    return table


def _effects(rng: Generator, offers: pd.DataFrame, needs: pd.DataFrame) -> pd.DataFrame:
    """One main need of the offer's theme, sometimes a second one, rarely one of another theme."""
    by_theme = {theme: group["need_id"].to_numpy() for theme, group in needs.groupby("theme_id")}
    rows = []
    for number, (offer, theme) in enumerate(zip(offers["offer_id"], offers["theme_id"], strict=True)):
        own = by_theme[theme]
        main = own[number // len(by_theme) % len(own)]
        rows.append((offer, main, 1.0))
        others = own[own != main]
        if len(others) and rng.random() < 0.4:
            rows.append((offer, rng.choice(others), round(rng.uniform(0.2, 0.7), 2)))
        if rng.random() < 0.15:
            rows.append((offer, rng.choice(needs["need_id"].to_numpy()), round(rng.uniform(0.1, 0.4), 2)))
    return pd.DataFrame(rows, columns=["offer_id", "need_id", "effect"]).drop_duplicates(["offer_id", "need_id"])


def _reach(
    rng: Generator,
    offers: pd.DataFrame,
    spaces: pd.DataFrame,
    where: np.ndarray,
    effects: pd.DataFrame,
    demand: pd.DataFrame,
) -> pd.DataFrame:
    """The nearest spaces of each offer; the use of today follows nearness and chance, not demand."""
    home = spaces.index.to_numpy()[spaces["space_id"].searchsorted(offers["home_space_id"])]
    most = min(REACH[1], len(spaces))
    count = rng.integers(min(REACH[0], most), most + 1, len(offers))
    distance = np.linalg.norm(where[home][:, None, :] - where[None, :, :], axis=2)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :most]
    rank = np.tile(np.arange(most), (len(offers), 1))
    used = rank < count[:, None]
    offer, space = np.repeat(np.arange(len(offers)), count), nearest[used]
    table = pd.DataFrame(
        {"offer_id": offers["offer_id"].to_numpy()[offer], "space_id": spaces["space_id"].to_numpy()[space]}
    )
    table["access"] = np.maximum(0.3, 1 - 0.05 * rank[used] - 0.1 * rng.random(len(table))).round(2)
    table.loc[rank[used] == 0, "access"] = 1.0
    table["weight"] = np.exp(-0.35 * rank[used]) * rng.lognormal(0, 0.6, len(table))
    level = _level(rng, offers, effects, demand)
    share = table["weight"] / table.groupby("offer_id")["weight"].transform("sum")
    table["baseline_capacity"] = (share * level[offer]).round()
    return table


def _level(rng: Generator, offers: pd.DataFrame, effects: pd.DataFrame, demand: pd.DataFrame) -> np.ndarray:
    """Capacity today: the offers of a need together could serve about 60 % of its demand; one in twenty is new."""
    main = effects.drop_duplicates("offer_id").set_index("offer_id")["need_id"].reindex(offers["offer_id"])
    total = demand.groupby("need_id")["demand"].sum().reindex(main).to_numpy()
    size = rng.lognormal(0, 0.7, len(offers))
    together = pd.Series(size).groupby(main.to_numpy()).transform("sum").to_numpy()
    level = np.maximum(8, 0.6 * total * size / together)
    return np.where(rng.random(len(offers)) < 0.05, 0.0, level)


def _capacities(rng: Generator, offers: pd.DataFrame, reach: pd.DataFrame) -> pd.DataFrame:
    """Baseline, greatest and committed capacity, and the split into fixed and variable cost."""
    table = offers.copy()
    baseline = reach.groupby("offer_id")["baseline_capacity"].sum().reindex(table["offer_id"]).to_numpy()
    table["max_capacity"] = np.ceil(np.where(baseline > 0, baseline * rng.uniform(1.1, 2.0, len(table)), 60.0))
    table["baseline_capacity"] = baseline
    table["committed_capacity"] = np.floor(baseline * np.where(rng.random(len(table)) < 0.5, 0.6, 0.0))
    unit_cost = table["unit_cost"].to_numpy()
    fixed_share = rng.uniform(0.2, 0.5, len(table))
    table["fixed_cost"] = np.floor(fixed_share * unit_cost * np.where(baseline > 0, baseline, 30.0))
    # Rounded down, so that the baseline costs in an indivisible run what it costs in a divisible one, or less.
    table["variable_unit_cost"] = np.floor((1 - fixed_share) * unit_cost * 100) / 100
    table["min_capacity_if_open"] = np.floor(np.where(baseline > 0, baseline, table["max_capacity"]) * 0.4)
    table["notice_months"] = rng.choice([0, 3, 6, 12], len(table))
    return table


def _pots(
    rng: Generator, count: int, departments: list[str], themes: list[str], offers: pd.DataFrame, spaces: pd.DataFrame
) -> pd.DataFrame:
    """A general pot for each department, and earmarked ones: for themes, for deprived spaces, for named offers."""
    rows = [
        {"pot_id": f"P{i + 1:02d}", "funder": "Stadt", "departments": d, "pooled": True, "max_share": 1.0}
        for i, d in enumerate(departments)
    ]
    deprived = spaces.sort_values("weight")["space_id"].to_numpy()[-max(2, len(spaces) // 3) :]
    for number in range(len(departments), count):
        row = {"pot_id": f"P{number + 1:02d}", "funder": "Land", "pooled": False}
        row["max_share"] = float(rng.choice([0.5, 0.6, 0.7, 0.85]))
        kind = number % 3
        if kind == 0:
            row["themes"] = ";".join(sorted(rng.choice(themes, min(2, len(themes)), replace=False)))
        elif kind == 1:
            row["spaces"] = ";".join(sorted(rng.choice(deprived, max(2, len(deprived) // 2), replace=False)))
            row["departments"] = ";".join(sorted(rng.choice(departments, 2, replace=False)))
        else:
            row["offers"] = ";".join(sorted(rng.choice(offers["offer_id"].to_numpy(), 4, replace=False)))
        rows.append(row)
    table = pd.DataFrame(rows)
    table["name"] = "Topf " + table["pot_id"]
    for column in ("departments", "themes", "spaces", "offers"):
        table[column] = table[column].fillna("") if column in table else ""
    return table


def _funding(rng: Generator, pots: pd.DataFrame, offers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Today's payments in whole euros, within the lists and shares of the silos; and exceptions to the lists."""
    eligible = np.ones((len(pots), len(offers)), dtype=bool)
    own = {"departments": "department_id", "themes": "theme_id", "spaces": "home_space_id", "offers": "offer_id"}
    for column, key in own.items():
        for number, cell in enumerate(pots[column]):
            if cell:
                eligible[number] &= offers[key].isin(cell.split(";")).to_numpy()
    general = pots["pooled"].to_numpy()
    exceptions = []
    for number in np.flatnonzero(~general):
        inside, outside = np.flatnonzero(eligible[number]), np.flatnonzero(~eligible[number])
        if len(inside) > 3:
            barred = rng.choice(inside)
            eligible[number, barred] = False
            exceptions.append((pots["pot_id"][number], offers["offer_id"][barred], False, np.nan))
        if len(outside):
            welcome = rng.choice(outside)
            exceptions.append((pots["pot_id"][number], offers["offer_id"][welcome], True, 0.4))
    cost = (offers["unit_cost"] * offers["baseline_capacity"]).to_numpy()
    rest, rows = cost.copy(), []
    for number in np.flatnonzero(~general):
        drawn = eligible[number] & (rng.random(len(offers)) < 0.6) & (cost > 0)
        most = np.minimum(rest, pots["max_share"][number] * cost)
        amount = np.where(drawn, np.floor(most * rng.uniform(0.4, 0.95, len(offers))), 0.0)
        rest -= amount
        rows += [(pots["pot_id"][number], offers["offer_id"][o], amount[o]) for o in np.flatnonzero(amount)]
    payer = pots.loc[general].set_index("departments")["pot_id"].reindex(offers["department_id"]).to_numpy()
    rows += [(payer[o], offers["offer_id"][o], rest[o]) for o in np.flatnonzero(rest)]
    funding = pd.DataFrame(rows, columns=["pot_id", "offer_id", "amount"])
    columns = ["pot_id", "offer_id", "allowed", "max_share"]
    table = pd.DataFrame(exceptions, columns=columns).drop_duplicates(["pot_id", "offer_id"])
    return funding.sort_values(["pot_id", "offer_id"]), table
