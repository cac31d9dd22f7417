"""Releases, the way back, and the id of the model that made a database: git and DVC."""
