"""The main report: a few blocks that explain page one, each with its finding first and the way to its detail last."""
