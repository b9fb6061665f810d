"""Reasons: why an offer, a pot, a space or a floor fares as it does, and what would change it."""
