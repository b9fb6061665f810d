"""Files into tables: delimited texts, workbooks of Excel and LibreOffice, boundaries of the spaces."""
