"""Embedder and corpus in, a bundle of LiteRT model and SQLite database out."""
