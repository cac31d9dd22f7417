"""A language model that answers from what search finds: its prompt, its engine, and the check."""
