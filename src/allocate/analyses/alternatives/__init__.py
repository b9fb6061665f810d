"""Alternatives: truly different plans that are nearly as good."""
