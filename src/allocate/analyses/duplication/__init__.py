"""Duplication: where the same need is served twice, what of it is wanted, and what can be re-steered."""
