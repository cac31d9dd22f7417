"""A generator: dialogues, what of them is taught, the tuning, the merge."""
