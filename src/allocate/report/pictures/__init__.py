"""The drawings of the report, each from the figures that stand in a table beside it."""
