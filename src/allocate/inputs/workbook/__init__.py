"""Workbooks out of tables: templates, saved scenarios, copies with the findings marked."""
