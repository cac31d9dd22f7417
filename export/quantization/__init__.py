"""From float32 to fewer bits: plan, calibrate, apply, and take out what is repeated."""
