"""Conflicts: why a scenario has no plan, and what would give it one."""
