"""The verbs as data: name, where the work is done, what it is for, and its options. Nothing here imports the work."""

from __future__ import annotations

import keyword
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Option:
    """One argument of a verb; `name` is the keyword of its function. A leading `--` makes it an option."""

    name: str
    help: str
    metavar: str | None = None
    choices: tuple[str, ...] | None = None
    default: Any = None
    type: type = str
    flag: bool = False
    """Takes no value: given or not."""
    many: bool = False
    """May be given several times; the function gets a list, or None."""

    @property
    def keyword(self) -> str:
        """The function's keyword argument."""
        return KEYWORDS.get(self.name, self.name.lstrip("-").replace("-", "_"))


#: Options whose word is not fit for a Python name.
KEYWORDS = {"--for": "purpose", "-k": "limit", "--set": "new"}

RECIPE = Option("recipe", "the TOML file that says what to build", "RECIPE")
BASE = Option("--base", "use this embedder folder or hub id in place of the recipe's `model.base`", "DIR")
WORK = Option("--work", "where the stages lie (default: work)", "DIR", default="work")
SOURCE = Option("--source", "which model to take (default: what the verdict says)", choices=("tuned", "base"))
MODES = ("dense", "bm25", "hybrid")
OVERRIDE = Option("--mode", "override the recipe's `search.mode`", choices=MODES)
PURPOSE = Option(
    "--for",
    "which gates must pass. build: what this machine can measure; release: the device gates too",
    choices=("build", "release"),
    default="build",
)
ACCEPT = Option(
    "--accept-regression",
    "take the tuned model even if it is worse than the base; the manifest then says so",
    default=False,
    flag=True,
)


@dataclass(frozen=True)
class Verb:
    """One subcommand: `module` holds its function."""

    name: str
    module: str
    extra: str | None
    """The extra that brings what it needs beyond the runtime."""
    summary: str
    example: str
    options: tuple[Option, ...]

    @property
    def function(self) -> str:
        """The function's name: the verb's, as Python spells it (`import` is a word of its own, so `import_`)."""
        name = self.name.replace("-", "_")
        return f"{name}_" if keyword.iskeyword(name) else name


VERBS = (
    Verb(
        "import",
        "pocketrag.ingest.import_",
        None,
        "chunks and questions as you have them (JSON, JSONL, CSV) -> corpus.jsonl, queries.jsonl, qrels.tsv",
        "pocketrag import chunks.csv --questions asked.csv --out my",
        (
            Option("chunks", "the chunks: a JSON list, JSON lines or CSV with a header, in UTF-8", "CHUNKS"),
            Option("--questions", "questions with the ids of the chunks that answer them, in any of these formats", "FILE"),
            Option("--out", "the folder that takes the files; what else lies there stays", "DIR"),
            Option(
                "--field",
                "your name for one of our fields, where it is not recognised, as in text=Inhalt (nothing behind the =: there is "
                "none); may be given several times",
                "NAME=THEIRS",
                many=True,
            ),
            Option("--skip-empty", "drop and count chunks and questions without text", default=False, flag=True),
            Option("--skip-unknown", "drop and count expected ids that no chunk has", default=False, flag=True),
            Option("--force", "replace the files of an earlier import", default=False, flag=True),
        ),
    ),
    Verb(
        "build",
        "pocketrag.build",
        "demo",
        "corpus and questions in, verified bundle out: runs every verb below in order, skips what is unchanged",
        "pocketrag build recipes/demo.toml",
        (
            RECIPE,
            Option("--out", "where the bundle goes (default: android_assets/NAME)", "DIR"),
            BASE,
            OVERRIDE,
            ACCEPT,
            WORK,
        ),
    ),
    Verb(
        "chunk",
        "pocketrag.ingest.chunk",
        "ingest",
        "a folder of Markdown, text, HTML and PDF files -> passages, cut to the embedder's own tokens",
        "pocketrag chunk documents --out corpus.jsonl --embedder google/embeddinggemma-300m",
        (
            Option("folder", "the folder that holds the documents", "FOLDER"),
            Option(
                "--embedder",
                "SentenceTransformer folder or hub id whose tokenizer counts (default: all-MiniLM-L6-v2)",
                "DIR_OR_ID",
                default="sentence-transformers/all-MiniLM-L6-v2",
            ),
            Option(
                "--tokens",
                "most tokens of a passage, prompt and title included (default: 256, or what the embedder takes if that is less)",
                "N",
                type=int,
            ),
            Option("--overlap", "tokens that a passage repeats of the one before (default: 0)", "N", default=0, type=int),
            Option("--out", "the file to write (default: corpus.jsonl)", "FILE", default="corpus.jsonl"),
        ),
    ),
    Verb(
        "check",
        "pocketrag.training.check",
        None,
        "is this machine and this data fit to start? a list of pass, fail and unchecked",
        "pocketrag check recipes/demo.toml",
        (RECIPE, BASE, WORK),
    ),
    Verb(
        "trim",
        "pocketrag.export.trim",
        "export",
        "base embedder -> the same with the tokens that the recipe needs; only for recipes with [trim]",
        "pocketrag trim recipes/arbiter_fr_balanced.toml",
        (RECIPE, BASE, WORK),
    ),
    Verb(
        "mine",
        "pocketrag.training.mine",
        "train",
        "questions -> training triplets with hard negatives, split so that nothing of the evaluation leaks in",
        "pocketrag mine recipes/demo.toml",
        (RECIPE, BASE, WORK),
    ),
    Verb(
        "tune",
        "pocketrag.training.tune",
        "train",
        "triplets -> LoRA adapter, early-stopped on the development questions",
        "pocketrag tune recipes/demo.toml",
        (RECIPE, BASE, WORK),
    ),
    Verb(
        "merge",
        "pocketrag.training.merge",
        "train",
        "base + adapter -> an ordinary SentenceTransformer folder, proved equal",
        "pocketrag merge recipes/demo.toml",
        (RECIPE, BASE, WORK),
    ),
    Verb(
        "evaluate",
        "pocketrag.training.evaluate",
        "bench",
        "retrieval quality of a recipe's models (with the verdict), of an embedder folder or hub id, or of a bundle",
        "pocketrag evaluate android_assets/demo --corpus C.jsonl --queries Q.jsonl --qrels R.tsv --mode hybrid --json",
        (
            Option("target", "a recipe, an embedder folder, a hub id or a bundle", "TARGET"),
            Option("--corpus", "passages, BEIR layout", "FILE"),
            Option("--queries", "questions, BEIR layout", "FILE"),
            Option("--qrels", "judgements, BEIR layout", "FILE"),
            Option("--mode", "how to rank (default: what a bundle says; dense for an embedder)", choices=MODES),
            Option("--run", "write the TREC run that was scored to this file", "FILE"),
            Option("--max-queries", "judge only so many questions, evenly spread over the file", "N", type=int),
            Option("--against", "judge this embedder (or bundle) on the same questions and compare, with intervals", "OTHER"),
            BASE,
            WORK,
        ),
    ),
    Verb(
        "convert",
        "pocketrag.export.convert",
        "export",
        "embedder folder -> float32 embedder.tflite, one signature a length, proved equal to PyTorch",
        "pocketrag convert recipes/demo.toml",
        (RECIPE, SOURCE, BASE, WORK),
    ),
    Verb(
        "quantize",
        "pocketrag.export.quantize",
        "export",
        "float32 -> int8, int4 or a mixture, with what it cost",
        "pocketrag quantize recipes/demo.toml",
        (RECIPE, SOURCE, BASE, WORK),
    ),
    Verb(
        "index",
        "pocketrag.export.index",
        "export",
        "passages -> embeddings.npy and corpus.db, embedded with the float twin or the model that ships",
        "pocketrag index recipes/demo.toml",
        (RECIPE, SOURCE, BASE, WORK),
    ),
    Verb(
        "bundle",
        "pocketrag.export.bundle",
        "export",
        "model, tokenizer, database and golden file -> a bundle in the work folder",
        "pocketrag bundle recipes/demo.toml",
        (RECIPE, SOURCE, BASE, OVERRIDE, ACCEPT, WORK),
    ),
    Verb(
        "verify",
        "pocketrag.bench.verify",
        None,
        "every gate on a bundle: digests, model, database, tokens, vectors, ranking; needs no torch",
        "pocketrag verify android_assets/demo",
        (
            Option("bundle", "the folder of a bundle", "BUNDLE"),
            PURPOSE,
        ),
    ),
    Verb(
        "search",
        "pocketrag.search",
        None,
        "answer a question from a bundle as the phone would",
        'pocketrag search android_assets/demo "May I stop the clocks to go to the toilet?"',
        (
            Option("bundle", "the folder of a bundle", "BUNDLE"),
            Option("question", "any text", "QUESTION"),
            Option("-k", "how many passages (default: 5)", "N", default=5, type=int),
            Option("--mode", "how to rank (default: what the bundle says)", choices=MODES),
            Option("--threshold", "the cosine below which it says that it doesn't know (default: the bundle's)", "X", type=float),
            Option("--where", "only passages with this in their metadata; may be given several times", "KEY=VALUE", many=True),
            Option("--beside", "search this bundle of the same model too; may be given several times", "BUNDLE", many=True),
            Option("--context", "add the sections or neighbours of what was found, so many tokens in all", "TOKENS", type=int),
        ),
    ),
    Verb(
        "aar",
        "pocketrag.export.aar",
        None,
        "a bundle -> an Android archive in a Maven repository folder, which an app takes with one line",
        "pocketrag aar android_assets/demo --out maven",
        (
            Option("bundle", "the folder of a bundle", "BUNDLE"),
            Option("--out", "the repository's folder; what else lies there stays", "DIR"),
            Option("--group", "Maven's group (default: dev.pocketrag)", "GROUP", default="dev.pocketrag"),
        ),
    ),
    Verb(
        "gradle",
        "pocketrag.export.gradle",
        None,
        "a bundle -> a Gradle project that carries it as a Play pack, with the Kotlin runtime and a sample app",
        "pocketrag gradle android_assets/demo --out into-the-app",
        (
            Option("bundle", "the folder of a bundle; with --tier, what phones of no group get", "BUNDLE"),
            Option("--out", "the project's folder", "DIR"),
            Option("--pack", "Play's kind of pack (default: ai)", choices=("ai", "asset"), default="ai"),
            Option(
                "--delivery",
                "when Play brings it (default: install-time)",
                choices=("install-time", "fast-follow", "on-demand"),
                default="install-time",
            ),
            Option(
                "--tier",
                "another bundle for phones with more RAM, as in ram8=android_assets/full (8 GB or more); may be given several times",
                "GROUP=BUNDLE",
                many=True,
            ),
        ),
    ),
    Verb(
        "release",
        "pocketrag.release",
        "versions",
        "version embeddings, database, model and bundle under a git tag, their data kept by DVC",
        "pocketrag release v1.1-qlora recipes/demo.toml --push",
        (
            Option("tag", "the new tag", "TAG"),
            RECIPE,
            Option("--bundle", "where `build` put the bundle (default: android_assets/NAME)", "DIR"),
            PURPOSE,
            Option("--push", "push data, commit and tag to the configured remotes", default=False, flag=True),
            WORK,
            BASE,
        ),
    ),
    Verb(
        "fallback",
        "pocketrag.fallback",
        "versions",
        "back to a release: its pointers, its data, and the proof that database, manifest and model agree",
        "pocketrag fallback v1.0-base",
        (Option("tag", "the tag of a release", "TAG"),),
    ),
    Verb(
        "model-id",
        "pocketrag.model_id",
        None,
        "show or set the model that a database says it was made by",
        "pocketrag model-id android_assets/demo/corpus.db",
        (Option("database", "a `corpus.db`", "DB"), Option("--set", "the new id", "ID")),
    ),
)
