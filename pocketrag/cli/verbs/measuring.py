"""The verbs that measure, compare, show and ask bundles."""

from __future__ import annotations

from pocketrag.formats.layout import MAIN, ROLES

from ..options import BINARY, DEVICE, MODES, PURPOSE, WORK, Option, Verb, count

MEASURING = (
    Verb(
        "ab",
        "pocketrag.bench.ab",
        "bench",
        "two versions by what people did with their answers: better, worse, alike, or too little to tell",
        "pocketrag ab feedback.jsonl --old 1.0.0 --new 1.1.0",
        (
            Option("feedback", "the app's own log, a JSON object an answer (docs/updates.md)", "LOG"),
            Option("--old", "the version that apps had", "VERSION"),
            Option("--new", "the version that is tried", "VERSION"),
            Option(
                "--matters",
                "the smallest difference of shares that matters (default: .05)",
                "SHARE",
                default=0.05,
                type=float,
            ),
        ),
    ),
    Verb(
        "verify",
        "pocketrag.bench.verify",
        None,
        (
            "every gate on a bundle: digests, model, database, tokens, vectors, ranking; more with a "
            "phone; needs no torch"
        ),
        "pocketrag verify android_assets/demo",
        (
            Option("bundle", "the folder of a bundle", "BUNDLE"),
            PURPOSE,
            Option(
                "--embedder",
                "compare with this float embedder on all texts too, as `parity` does; needs [bench,train]",
                "DIR",
            ),
            Option(
                "--emulator",
                "run the model on emulated ARM kernels too (Debian; docs/emulator.md)",
                default=False,
                flag=True,
            ),
            DEVICE,
            BINARY,
            Option(
                "--predict",
                "say what phones would probably take; never a pass (docs/prediction.md)",
                default=False,
                flag=True,
            ),
            Option("--junit", "write the gates as JUnit XML", "FILE"),
            Option(
                "--summary",
                "append the gates as Markdown (default: $GITHUB_STEP_SUMMARY, where it is set)",
                "FILE",
            ),
        ),
    ),
    Verb(
        "latency",
        "pocketrag.bench.latency",
        None,
        "how long a bundle takes, part by part, and how much memory: here, on a phone, or predicted",
        "pocketrag latency android_assets/demo --threads 2 --predict",
        (
            Option("bundle", "the folder of a bundle", "BUNDLE"),
            Option(
                "--threads",
                "how many threads; may be given several times (default: 1, 2 and 4)",
                "N",
                type=int,
                many=True,
            ),
            Option(
                "--runtime",
                "LiteRT's CompiledModel or its classic Interpreter (default: both)",
                choices=("compiled", "classic"),
            ),
            Option("--queries", "real questions, BEIR layout (default: the bundle's golden ones)", "FILE"),
            Option("--repeats", "most runs of each length (default: 30)", "N", default=30, type=count),
            DEVICE,
            BINARY,
            Option(
                "--accelerator",
                "what computes on the phone (default: cpu; docs/device.md)",
                choices=("cpu", "cpu-fp16", "gpu", "gpu-fp16", "npu"),
                default="cpu",
            ),
            Option(
                "--results",
                "what somebody measured on a phone and sent in; may be given several times (docs/device.md)",
                "FILE",
                many=True,
            ),
            Option(
                "--predict",
                "a prediction for phones that are not here (docs/prediction.md)",
                default=False,
                flag=True,
            ),
        ),
    ),
    Verb(
        "parity",
        "pocketrag.bench.parity",
        "bench",
        (
            "a bundle or a .tflite against its float embedder on real texts: tokens, cosine, "
            "padding, overlap, nDCG@10"
        ),
        "pocketrag parity android_assets/demo sentence-transformers/all-MiniLM-L6-v2",
        (
            Option(
                "target",
                "the folder of a bundle, or a .tflite with one signature `embed_L` a length",
                "BUNDLE_OR_MODEL",
            ),
            Option(
                "embedder",
                "SentenceTransformer folder or hub id: the float32 model that it was made from",
                "EMBEDDER",
            ),
            Option("--corpus", "passages for a bare model, BEIR layout; a bundle has its own", "FILE"),
            Option("--queries", "questions, BEIR layout (default: a bundle's golden ones)", "FILE"),
            Option("--qrels", "judgements of these questions: then nDCG@10 is compared too", "FILE"),
            Option(
                "--sample",
                "texts of each kind that are compared one by one (default: 256)",
                "N",
                default=256,
                type=count,
            ),
        ),
    ),
    Verb(
        "report",
        "pocketrag.bench.report",
        "bench",
        "what was measured of bundles, on devices, over releases -> one HTML page that opens from disk",
        "pocketrag report android_assets/demo --out report.html",
        (
            Option(
                "target",
                "bundles, or their NAME.report.json; several are shown side by side",
                "TARGET",
                many=True,
            ),
            Option("--out", "the page to write (default: NAME.report.html beside the first report)", "FILE"),
        ),
    ),
    Verb(
        "search",
        "pocketrag.runtime.search",
        None,
        "answer a question from a bundle as the phone would",
        'pocketrag search android_assets/demo "How many rounds may I miss?"',
        (
            Option("bundle", "the folder of a bundle", "BUNDLE"),
            Option("question", "any text", "QUESTION"),
            Option("-k", "how many passages (default: 5)", "N", default=5, type=count),
            Option("--mode", "how to rank (default: what the bundle says)", choices=MODES),
            Option(
                "--encoder",
                "which encoder is asked first, where the bundle has a fallback (default: main)",
                choices=tuple(ROLES),
                default=MAIN,
            ),
            Option(
                "--threshold",
                "the cosine below which it says that it doesn't know (default: the bundle's)",
                "X",
                type=float,
            ),
            Option(
                "--where",
                "only passages with this in their metadata; may be given several times",
                "KEY=VALUE",
                many=True,
            ),
            Option(
                "--beside",
                "search this bundle of the same model too; may be given several times",
                "BUNDLE",
                many=True,
            ),
            Option(
                "--context",
                "add the sections or neighbours of what was found, so many tokens in all",
                "TOKENS",
                type=int,
            ),
        ),
    ),
    Verb(
        "serve",
        "pocketrag.serve.serve",
        "serve",
        "a page of this machine's browser in which bundles are asked, and why each passage was found",
        "pocketrag serve android_assets/demo",
        (
            Option("bundles", "folders of bundles; two are shown side by side", "BUNDLE", many=True),
            Option("--port", "of 127.0.0.1; 0 takes a free one (default: 8123)", "N", default=8123, type=int),
            Option("--queries", "judged questions, BEIR layout: the page lists them, worst first", "FILE"),
            Option("--qrels", "their judgements", "FILE"),
            Option(
                "--votes",
                "the file that thumbs up and down are added to, for `import` (default: votes.jsonl)",
                "FILE",
                default="votes.jsonl",
            ),
            Option("--generator", "the folder of a generator (default: BUNDLE.generator)", "DIR"),
            Option(
                "--static",
                "write a page for any static host here, which searches in the browser; serves nothing",
                "DIR",
            ),
            Option("--packages", "with --static: a node_modules in place of npm's download", "DIR"),
        ),
    ),
    Verb(
        "ask",
        "pocketrag.cli.commands.ask",
        "answers",
        "answer questions from a bundle with its generator, with numbered sources, or by quotes",
        'pocketrag ask android_assets/demo "How many rounds may I miss?" --no-generator',
        (
            Option("bundle", "the folder of a bundle", "BUNDLE"),
            Option("question", "any text (default: what is typed, a line each)", "QUESTION", optional=True),
            Option("--generator", "the folder of a generator (default: BUNDLE.generator)", "DIR"),
            Option("--no-generator", "quote the passages, as the free tier does", default=False, flag=True),
            Option(
                "--threshold",
                "the cosine below which nothing is generated (default: the bundle's)",
                "X",
                type=float,
            ),
            Option("--threads", "that the model may use (default: one a core)", "N", type=count),
        ),
    ),
    Verb(
        "traits",
        "pocketrag.bench.traits",
        "train",
        "six traits of embedders by rank, several side by side; with a recipe, retrieval against BM25 first",
        "pocketrag traits sentence-transformers/all-MiniLM-L6-v2 --recipe recipes/demo.toml",
        (
            Option("model", "embedder, Model2Vec folder or bundle; several are compared", "MODEL", many=True),
            Option("--recipe", "retrieval on its test questions decides first", "RECIPE"),
            WORK,
        ),
    ),
)
