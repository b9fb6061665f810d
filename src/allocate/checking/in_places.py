"""Rules about places, where a case states no money: what there is of each kind, and what is bound beyond it."""

from __future__ import annotations

from allocate.inputs.case import split_list
from allocate.inputs.findings import NOTE, WARNING
from allocate.inputs.in_places import is_in_places
from allocate.inputs.inspection import Inspection

TRACE = 0.01  # of a place: what is less is rounding


def check_places(inspection: Inspection) -> None:
    """Say that the case is planned in places; kinds without places today, and with more bound than there are."""
    if not is_in_places(inspection.case):
        return
    pots, offers = inspection.table("pots"), inspection.table("offers").drop_duplicates("offer_id")
    today = float(pots["amount"].sum())
    inspection.note("planned-in-places", "offers", severity=NOTE, places=today, kinds=len(pots))
    known = offers.set_index("offer_id")
    for kind in pots.to_dict("records"):
        own = known.reindex(split_list(str(kind["offers"])))
        bound = float(own["committed_capacity"].sum())
        words = {"kind": kind["name"], "offers": ", ".join(own.index)}
        if kind["amount"] <= 0 and own["max_capacity"].gt(0).any():
            inspection.note("kind-without-places", "offers", severity=WARNING, column="baseline_capacity", **words)
        elif bound > kind["amount"] + TRACE:
            inspection.note(
                "kind-bound-beyond", "offers", severity=WARNING, column="committed_capacity",
                bound=bound, places=float(kind["amount"]), **words,
            )  # fmt: skip
