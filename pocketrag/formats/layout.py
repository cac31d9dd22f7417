"""The names of the files that one part writes and another reads: of stages, and of a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

#: Training triplets, a JSON object a line: `anchor`, `positive`, `negative_1` … with their prompts.
TRIPLETS = "triplets.jsonl"
#: Vectors float32 [n, dims] of the proof texts, by the model as it left training: what `merge` must give
#: again.
PROOF = "proof.npy"
#: What a student learns from: the teacher's vectors float32 [n, dims], and beside them a JSON object a row.
TAUGHT = "taught.npy"
TAUGHT_TEXTS = "taught.jsonl"
#: A distilled student's weights: of a table of token vectors one file, of a small transformer a folder.
STUDENT = "student.safetensors"
NETWORK = "network"
#: A static student beside it, and its share of the vector.
BESIDE = "beside.json"
#: How a student's vectors are searched with, and what was decided of all encoders.
FUSION = "fusion.json"
LADDER = "ladder.json"
#: A tuned generator's adapter, and base and adapter as one ordinary Hugging Face folder.
ADAPTER = "adapter"
MERGED = "merged"
#: What every arm of an exam replied, a line a question.
ANSWERS = "answers.jsonl"
#: The model of a bundle's main encoder, and of the stages that make it.
MODEL = "embedder.tflite"
#: The main encoder's model once more, for LiteRT-LM's EmbeddingEngine, where the recipe asks for it.
LITERTLM = "embedder.litertlm"
#: What lies beside a model in a stage's folder: its `EmbedderSpec`.
SPEC = "embedder.json"
#: The powers of two by which a float model was scaled, so that its activations stay inside fp16.
EXPONENTS = "exponents.json"
#: The database of a bundle.
DATABASE = "corpus.db"
#: The golden texts of a bundle's main encoder.
GOLDEN = "golden.json"

#: What an encoder of a bundle is for: to answer, or to answer where the main one can't.
Role = Literal["main", "fallback"]
MAIN: Final = "main"
FALLBACK: Final = "fallback"


@dataclass(frozen=True)
class EncoderFiles:
    """The files that are one encoder's own; a tokenizer may be shared."""

    model: str
    golden: str


#: Role -> files, in the order in which encoders are asked.
ROLES: dict[Role, EncoderFiles] = {
    MAIN: EncoderFiles(MODEL, GOLDEN),
    FALLBACK: EncoderFiles("fallback.tflite", "fallback.golden.json"),
}
