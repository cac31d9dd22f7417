"""What lies on disk, and what verbs print as JSON: each format defined once."""
