"""When two questions are one to an encoder."""

#: Cosine from which on two vectors find the same passages in the same order, but for ties.
ALIKE = 0.999
