"""What teams have -> BEIR files."""
