"""An embedder folder as one module for export, and its way to a `.tflite`."""
