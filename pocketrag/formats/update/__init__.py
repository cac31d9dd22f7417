"""Updates as they lie on disk: the file of a delta, the index of a channel, their signatures."""
