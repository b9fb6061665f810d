"""Margins: what a little more or less of every limit is worth, and how far that holds."""
