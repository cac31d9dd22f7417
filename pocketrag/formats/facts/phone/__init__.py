"""What is measured of a phone, an emulator or this machine, and what is predicted from it."""
