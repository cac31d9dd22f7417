"""A table of one vector a token as a `.tflite` of the bundle's contract."""
