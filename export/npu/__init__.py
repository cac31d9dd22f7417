"""Files for NPUs: the model with float16 activations, compiled ahead of time for a system on a chip."""
