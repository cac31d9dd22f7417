"""Six traits of an embedder, each by rank on pairs of our own; the pairs lie beside this file."""
