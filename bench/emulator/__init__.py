"""The real arm64 LiteRT under qemu.

An arm64 root in a cache folder, and a bundle's model run in it (docs/emulator.md).
"""
