"""Robustness: whether a proposal holds when weights, needs and costs are not what they were thought to be."""
