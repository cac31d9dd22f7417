"""The TOML file that says what to build, one module a subject."""
