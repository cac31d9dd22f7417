"""The embedder once more as a `.litertlm`, for LiteRT-LM's EmbeddingEngine."""
