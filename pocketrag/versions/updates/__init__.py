"""The parts of `delta`, `apply` and `channel`."""
