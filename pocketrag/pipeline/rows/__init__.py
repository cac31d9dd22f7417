"""Rows of the table of stages that belong together."""
