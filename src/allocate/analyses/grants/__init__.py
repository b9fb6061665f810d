"""Grants: who pays what to whom, until when, and what of it is bound by which duty."""
