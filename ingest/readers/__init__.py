"""Files in many formats -> documents, cut into sections at their headings."""
