"""`corpus.db`: the passages' vectors, how they are joined with full text, and the file itself."""
