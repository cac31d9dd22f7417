"""The benchmarks of `make bench`; not part of the package."""
