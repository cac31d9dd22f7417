"""The verbs that make one stage each, in the order in which `build` runs them."""

from __future__ import annotations

from ..options import ACCEPT, BASE, MODES, OVERRIDE, RECIPE, SOURCE, WORK, Option, Verb, count

STAGES = (
    Verb(
        "trim",
        "pocketrag.cli.commands.trim",
        "export",
        "base embedder -> the same with the tokens that the recipe needs; only for recipes with [trim]",
        "pocketrag trim recipes/arbiter_fr_balanced.toml",
        (RECIPE, BASE, WORK),
    ),
    Verb(
        "mine",
        "pocketrag.cli.commands.mine",
        "train",
        "questions -> training triplets with hard negatives, split so that no evaluation question leaks in",
        "pocketrag mine recipes/demo.toml",
        (RECIPE, BASE, WORK),
    ),
    Verb(
        "tune",
        "pocketrag.cli.commands.tune",
        "train",
        "triplets -> LoRA adapter, early-stopped on the development questions",
        "pocketrag tune recipes/demo.toml",
        (RECIPE, BASE, WORK),
    ),
    Verb(
        "merge",
        "pocketrag.cli.commands.merge",
        "train",
        "base + adapter -> an ordinary SentenceTransformer folder, proved equal",
        "pocketrag merge recipes/demo.toml",
        (RECIPE, BASE, WORK),
    ),
    Verb(
        "evaluate",
        "pocketrag.bench.evaluate",
        "bench",
        (
            "retrieval quality of a recipe's models (with the verdict), of an embedder folder or hub "
            "id, or of a bundle"
        ),
        (
            "pocketrag evaluate android_assets/demo --corpus C.jsonl --queries Q.jsonl --qrels R.tsv "
            "--mode hybrid --json"
        ),
        (
            Option("target", "a recipe, an embedder folder, a hub id or a bundle", "TARGET"),
            Option("--corpus", "passages, BEIR layout", "FILE"),
            Option("--queries", "questions, BEIR layout", "FILE"),
            Option("--qrels", "judgements, BEIR layout", "FILE"),
            Option(
                "--mode", "how to rank (default: what a bundle says; dense for an embedder)", choices=MODES
            ),
            Option(
                "--run",
                "write the TREC run that was scored to this file; with --mteb this folder",
                "FILE",
            ),
            Option(
                "--max-queries", "judge only so many questions, evenly spread over the file", "N", type=count
            ),
            Option(
                "--against",
                "judge this embedder (or bundle) on the same questions and compare, with intervals",
                "OTHER",
            ),
            Option(
                "--mteb",
                "an embedder on this public task of the package mteb, such as SciFact; may be repeated",
                "TASK",
                many=True,
            ),
            BASE,
            WORK,
        ),
    ),
    Verb(
        "convert",
        "pocketrag.cli.commands.convert",
        "export",
        "embedder folder -> float32 embedder.tflite, one signature a length, proved equal to PyTorch",
        "pocketrag convert recipes/demo.toml",
        (RECIPE, SOURCE, BASE, WORK),
    ),
    Verb(
        "quantize",
        "pocketrag.cli.commands.quantize",
        "export",
        "float32 -> int8, int4 or a mixture, with what it cost",
        "pocketrag quantize recipes/demo.toml",
        (RECIPE, SOURCE, BASE, WORK),
    ),
    Verb(
        "npu",
        "pocketrag.cli.commands.npu",
        "export",
        (
            "model -> files for phones' NPUs, compiled and emulated (minutes a model), beside the bundle; "
            "for recipes with `export.npu`; needs [npu] and Linux on x86-64 (docs/npu.md)"
        ),
        "pocketrag npu recipes/demo_npu.toml",
        (
            RECIPE,
            SOURCE,
            Option(
                "--out",
                (
                    "where the files go: beside the bundle, with its name and .npu (default: "
                    "android_assets/NAME.npu; after `build --out DIR` DIR.npu)"
                ),
                "DIR",
            ),
            BASE,
            WORK,
        ),
    ),
    Verb(
        "index",
        "pocketrag.cli.commands.index",
        "export",
        "passages -> embeddings.npy and corpus.db, embedded with the reference model or the model that ships",
        "pocketrag index recipes/demo.toml",
        (RECIPE, SOURCE, BASE, WORK),
    ),
    Verb(
        "distill",
        "pocketrag.cli.commands.distill",
        "train",
        "full model -> small question encoders that search its database",
        "pocketrag distill recipes/demo.toml",
        (
            RECIPE,
            Option("--student", "only this one of the recipe's `[students]` (default: all)", "NAME"),
            SOURCE,
            BASE,
            WORK,
        ),
    ),
    Verb(
        "instruct",
        "pocketrag.cli.commands.instruct",
        "instruct",
        "dialogues -> a tuned language model, merged and proved equal; only for recipes with [generator]",
        "pocketrag instruct my/app.toml",
        (RECIPE, WORK),
    ),
    Verb(
        "pack",
        "pocketrag.cli.commands.pack",
        "export",
        "language model -> generator.litertlm, quantized and proved; only for recipes with [generator]",
        "pocketrag pack my/app.toml",
        (
            RECIPE,
            Option("--out", "where the generator goes (default: android_assets/NAME.generator)", "DIR"),
            Option("--again", "pack a second time and compare the bytes", default=False, flag=True),
            WORK,
        ),
    ),
    Verb(
        "bundle",
        "pocketrag.cli.commands.bundle",
        "export",
        "model, tokenizer, database and golden file -> a bundle in the work folder",
        "pocketrag bundle recipes/demo.toml",
        (RECIPE, SOURCE, BASE, OVERRIDE, ACCEPT, WORK),
    ),
    Verb(
        "exam",
        "pocketrag.cli.commands.exam",
        "bench",
        "a generator's answers to questions with and without tuning, prompt, passages; whether it ships",
        "pocketrag exam my/app.toml",
        (
            RECIPE,
            SOURCE,
            Option("--judge", "let a model of this OpenAI-compatible endpoint judge too", "URL"),
            Option("--judge-model", "its name there; the key is in POCKETRAG_API_KEY", "NAME"),
            Option("--out", "the published generator (default: android_assets/NAME.generator)", "DIR"),
            BASE,
            OVERRIDE,
            WORK,
        ),
    ),
)
