"""A merged language model -> `generator.litertlm`: exported, quantized, packed the same each time."""
