"""The command line: verbs and options as data, `main`, and views for the terminal."""
