"""Corpus and questions in, a tuned and merged embedder with a verdict out."""
