"""Time and memory on this machine, and whether the machine was quiet."""
