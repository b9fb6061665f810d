"""Transition: a path from today to the plan, year by year."""
