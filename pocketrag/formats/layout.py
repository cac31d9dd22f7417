"""The names of the files that one stage writes and another reads."""

#: Training triplets, a JSON object a line: `anchor`, `positive`, `negative_1` … with their prompts.
TRIPLETS = "triplets.jsonl"
#: Vectors float32 [n, dims] of the proof texts, by the model as it left training: what `merge` must give again.
PROOF = "proof.npy"
