"""The names of the files that one part writes and another reads: of stages, and of a bundle."""

#: Training triplets, a JSON object a line: `anchor`, `positive`, `negative_1` … with their prompts.
TRIPLETS = "triplets.jsonl"
#: Vectors float32 [n, dims] of the proof texts, by the model as it left training: what `merge` must give
#: again.
PROOF = "proof.npy"
#: The model of a bundle, and of the stages that make it.
MODEL = "embedder.tflite"
#: What lies beside a model in a stage's folder: its `EmbedderSpec`.
SPEC = "embedder.json"
#: The database of a bundle.
DATABASE = "corpus.db"
