"""Participation: what groups would plan, what costs all of them least, and an answer to every suggestion."""
