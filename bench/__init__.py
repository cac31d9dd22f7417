"""Bundle in, gates out: parity, ranking, integrity."""
