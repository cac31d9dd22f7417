"""The tables that people read; `--json` prints the same facts."""
