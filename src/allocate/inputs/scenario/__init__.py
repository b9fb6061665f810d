"""Scenarios: the changes they make to the base plan, and the case that results."""
