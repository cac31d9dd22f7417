"""The gates of a bundle: one table, and what each of them computes."""
