"""What lies on disk and what verbs print: the types that several wings share."""
