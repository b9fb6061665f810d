"""Fairness: the worst-off first, balanced plans, and what each of them and each floor costs."""
