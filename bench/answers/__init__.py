"""The exam of a generator: how it answers with and without tuning, prompt and passages, and as it ships."""
