"""Paths: comparison, conflicts and marginal values of paths over several years."""
