"""What verbs find out, one model a verb: `--json`, reports, pages and CI files are views of it."""
