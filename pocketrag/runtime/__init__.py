"""Opens a bundle and searches it as the phone does: LiteRT, SQLite and the tokenizer, never torch."""
