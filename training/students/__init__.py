"""Students: small question encoders that learn to land where the full model lands."""
