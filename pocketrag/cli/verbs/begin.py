"""The verbs that a project begins with: its data, and all that follows in one go."""

from __future__ import annotations

from ..options import ACCEPT, BASE, OVERRIDE, RECIPE, WORK, Option, Verb, count

BEGIN = (
    Verb(
        "init",
        "pocketrag.cli.commands.init",
        None,
        "a folder with a commented recipe, from passages, documents or nothing; asks on a terminal",
        "pocketrag init my --from documents --language fr",
        (
            Option(
                "folder",
                "where the project goes; it may hold what `import` wrote (default: my)",
                "DIR",
                optional=True,
                default="my",
            ),
            Option("--corpus", "a file of passages that there is already", "FILE"),
            Option("--from", "documents to cut to passages at once: a folder, or one of them", "FOLDER"),
            Option("--name", "of recipe and bundle (default: the folder's)", "NAME"),
            Option("--language", "of the passages, ISO 639-1 (default: en)", "CODE"),
            Option("--base", "embedding model: a hub id or a folder (default: by the language)", "DIR_OR_ID"),
            Option(
                "--npu",
                "compile for the NPU of this system on a chip, too: SM8750; may be given several times",
                "SOC",
                many=True,
            ),
        ),
    ),
    Verb(
        "import",
        "pocketrag.ingest.import_",
        "ingest",
        "chunks and questions as you have them (JSON, CSV, BEIR …) -> corpus.jsonl, queries.jsonl, qrels.tsv",
        "pocketrag import chunks.csv --questions asked.csv --out my",
        (
            Option(
                "chunks",
                "the chunks: JSON, JSON lines, CSV with a header, Parquet …, or a folder in BEIR layout",
                "CHUNKS",
            ),
            Option(
                "--questions",
                "questions with the ids of the chunks that answer them, in any of these formats",
                "FILE",
            ),
            Option(
                "--qrels", "judgements of the questions by id, in BEIR's three columns or TREC's four", "FILE"
            ),
            Option("--out", "the folder that takes the files; what else lies there stays", "DIR"),
            Option(
                "--field",
                "your name for one of our fields, where it is not recognised, as in text=Inhalt (nothing "
                "behind the =: there is none); may be given several times",
                "NAME=THEIRS",
                many=True,
            ),
            Option("--encoding", "charset of files that are not Unicode, such as windows-1252", "LABEL"),
            Option(
                "--skip-empty", "drop and count chunks and questions without text", default=False, flag=True
            ),
            Option(
                "--skip-unknown", "drop and count expected ids that no chunk has", default=False, flag=True
            ),
            Option("--force", "replace the files of an earlier import", default=False, flag=True),
        ),
    ),
    Verb(
        "build",
        "pocketrag.pipeline.build",
        "demo",
        (
            "corpus and questions in, verified bundle out: runs every verb below in order, "
            "skips what is unchanged"
        ),
        "pocketrag build recipes/demo.toml",
        (
            RECIPE,
            Option("--out", "where the bundle goes (default: android_assets/NAME)", "DIR"),
            BASE,
            OVERRIDE,
            ACCEPT,
            WORK,
            Option(
                "--dry-run", "say what would run, why, and how long it took last", default=False, flag=True
            ),
            Option(
                "--keep-model",
                "keep the model as it is although the texts that it was made from changed (docs/updates.md)",
                default=False,
                flag=True,
            ),
            Option(
                "--locked",
                "refuse other files, models and packages than RECIPE.lock.json has, which a build writes",
                default=False,
                flag=True,
            ),
        ),
    ),
    Verb(
        "status",
        "pocketrag.cli.commands.status",
        None,
        "what of a recipe is built, what a build would run again, why, and how long it took last",
        "pocketrag status recipes/demo.toml",
        (
            RECIPE,
            Option("--out", "where the bundle lies (default: android_assets/NAME)", "DIR"),
            BASE,
            OVERRIDE,
            WORK,
        ),
    ),
    Verb(
        "chunk",
        "pocketrag.ingest.chunk",
        "ingest",
        "a folder of documents (Markdown, HTML, PDF, DOCX …) -> passages, cut to the embedder's own tokens",
        "pocketrag chunk documents --out corpus.jsonl --embedder google/embeddinggemma-300m",
        (
            Option("folder", "the folder that holds the documents, or one of them", "FOLDER"),
            Option(
                "--embedder",
                "SentenceTransformer folder or hub id whose tokenizer counts (default: all-MiniLM-L6-v2)",
                "DIR_OR_ID",
                default="sentence-transformers/all-MiniLM-L6-v2",
            ),
            Option(
                "--tokens",
                (
                    "most tokens of a passage, prompt and title included (default: 256, or what the embedder "
                    "takes if that is less)"
                ),
                "N",
                type=int,
            ),
            Option(
                "--overlap",
                "tokens that a passage repeats of the one before (default: 0)",
                "N",
                default=0,
                type=int,
            ),
            Option("--out", "the file to write (default: corpus.jsonl)", "FILE", default="corpus.jsonl"),
            Option(
                "--encoding",
                "charset of texts that are neither Unicode nor say what they are in, such as windows-1252",
                "LABEL",
            ),
            Option("--force", "replace the file of an earlier run", default=False, flag=True),
            Option(
                "--skip-bad",
                "exit 0 although files can't be read (default: the others are written, these named, exit 2)",
                default=False,
                flag=True,
            ),
        ),
    ),
    Verb(
        "questions",
        "pocketrag.ingest.questions",
        "answers",
        "passages -> questions by a language model, sifted, for people to review; they train and never judge",
        "pocketrag questions my/app.toml --generator http://localhost:11434/v1 --model qwen2.5:7b",
        (
            RECIPE,
            Option(
                "--generator",
                "what writes: a .litertlm, a generator's folder, or the address of an OpenAI-compatible "
                "server "
                "(default: the folder beside the recipe's bundle)",
                "FILE|DIR|URL",
            ),
            Option(
                "--model", "of an address: the model's name there; a key goes into POCKETRAG_API_KEY", "NAME"
            ),
            Option("--out", "the folder (default: `data.synthetic`, or questions beside the recipe)", "DIR"),
            Option(
                "--per-passage", "questions to each passage, at most (default: 2)", "N", default=2, type=count
            ),
            Option("--passages", "only so many, spread over the corpus (default: all)", "N", type=count),
            Option("--seed", "for an address (default: 17)", "N", default=17, type=int),
            Option("--template", "a file with the prompt, in which {passage} stands once", "FILE"),
            Option(
                "-k", "search must find the passage among so many (default: 10)", "N", default=10, type=count
            ),
            Option(
                "--bundle",
                "what searches (default: android_assets/NAME if it holds these passages, else full text)",
                "DIR",
            ),
            Option("--accept", "take in a review.csv that people have looked at", "FILE"),
            Option(
                "--accepted-only",
                "only what people accepted or mended trains (default: all that they did not reject)",
                default=False,
                flag=True,
            ),
            Option("--encoding", "charset of a review that is not Unicode, such as windows-1252", "LABEL"),
            WORK,
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
        "recipe",
        "pocketrag.cli.commands.recipe",
        None,
        "every key that a recipe may hold, or one of them: what it takes, its default, what it is for",
        "pocketrag recipe train.method",
        (
            Option("key", "a key or a table (default: all)", "KEY", optional=True),
            Option("--schema", "write the JSON Schema of recipes to this file, for editors", "FILE"),
        ),
    ),
    Verb(
        "static",
        "pocketrag.cli.commands.static",
        "export",
        "any embedder or language model -> one vector a token: a Model2Vec folder, and its .tflite",
        "pocketrag static sentence-transformers/all-MiniLM-L6-v2 --out minilm-static",
        (
            Option("model", "embedder or language model: a folder or a hub id", "MODEL"),
            Option("--out", "the folder to write; it must not exist", "DIR"),
            Option(
                "--dims",
                "width of the vectors (default: 256 for an embedder, 1024 for another model)",
                "N",
                type=count,
            ),
            Option(
                "--corpus",
                "count token frequencies in these passages, BEIR layout (default: Zipf's law)",
                "FILE",
            ),
            Option(
                "--sif",
                "constant of the weights (default: 1e-3 with a corpus, 1e-4 without)",
                "A",
                type=float,
            ),
        ),
    ),
)
