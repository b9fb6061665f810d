"""The forms a report takes: a page, a council paper, a workbook, a record."""
