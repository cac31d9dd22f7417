"""Questions that a model writes to passages: asked for, read, sifted, reviewed by people."""
