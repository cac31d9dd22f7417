"""Gates of NPU files."""
