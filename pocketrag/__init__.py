"""A corpus goes in, a verified Android asset bundle comes out."""

__version__ = "0.1.0"
