"""Word files, made ready for mammoth: its own gaps are filled in the XML that it is given."""
