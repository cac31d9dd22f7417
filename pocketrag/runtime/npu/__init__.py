"""Files for NPUs, read and run without a phone: on Qualcomm's emulator, in a process of its own."""
