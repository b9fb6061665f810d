"""Unranked: tables of amounts from whose order nothing follows that their figures do not say."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd


def unranked(exact: pd.DataFrame, shown: pd.DataFrame, sides: Sequence[str], withheld: Collection[str]) -> pd.DataFrame:
    """The rows of ``shown`` in an order that tells nothing more than its amounts do.

    ``exact``: the same rows before they were made publishable; ``sides``: its columns of ids, ``withheld``: ids without
    any figure. Between which two others a withheld amount stands would tell it: those come last, by plan and id. Where
    amounts stand by size, the others stand by what is published and then by id, so that of two in one step none is seen
    to be the larger.
    """
    # An amount that cannot be told in any step is withheld, too.
    blank = shown["amount_eur"].isna() if "amount_eur" in shown.columns else False
    veiled = shown[list(sides)].astype("str").isin(list(withheld)).any(axis=1) | blank
    by_size = _by_size(exact)
    order = shown[list(sides)].astype("str").where(veiled | by_size, "")
    order.insert(0, "size", -shown["amount_eur"].mask(veiled, 0.0) if by_size else 0.0)
    order.insert(0, "plan", pd.factorize(_plans(shown))[0])
    order.insert(0, "veiled", veiled)
    return shown.loc[order.sort_values(list(order.columns), kind="stable").index].reset_index(drop=True)


def _plans(frame: pd.DataFrame) -> pd.Series:
    """Of which plan each row is; tables of one plan do not say it."""
    return frame["scenario_id"] if "scenario_id" in frame.columns else pd.Series("", index=frame.index)


def _by_size(frame: pd.DataFrame) -> bool:
    """Whether the amounts of every plan stand by their size."""
    if "amount_eur" not in frame.columns:
        return False
    return bool(frame["amount_eur"].groupby(_plans(frame).to_numpy(), sort=False).is_monotonic_decreasing.all())
