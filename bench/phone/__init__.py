"""What is attached over adb: the program, the phone, and one run of LiteRT's benchmark_model on it."""
