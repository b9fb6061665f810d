"""The chapters of the report: what each says, in which order."""
