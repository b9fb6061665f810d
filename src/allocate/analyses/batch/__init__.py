"""Batch: many scenarios, values and towns, run by one interface to many kinds of workers."""
