"""The gate of the file for LiteRT-LM."""
