"""The rules of a town: one file a rule, which owns everything about it; ``register`` lists them once."""
