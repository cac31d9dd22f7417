"""Tiny models, tiny corpora and one real bundle, shared by all tests. Offline, CPU only."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from tests import processes
from tests.costs import Costs, group_of
from tests.gemma import make_gemma
from tests.npu import with_npu

ROOT = Path(__file__).resolve().parents[1]
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# Two processes test side by side; threads of tiny models that wait for each other on shared cores take ten times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# A busy machine is not a failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

PIECES = (
    "king",
    "queen",
    "rook",
    "bishop",
    "knight",
    "pawn",
    "clock",
    "flag",
    "phone",
    "appeal",
    "draw",
    "bye",
    "arbiter",
    "board",
)
ACTS = ("moves", "falls", "rings", "waits", "stops", "wins", "loses", "asks", "claims", "writes")


def write_jsonl(file: Path, rows: list[dict]) -> Path:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return file


def write_qrels(file: Path, pairs: list[tuple[str, str]]) -> Path:
    file.write_text("query-id\tcorpus-id\tscore\n" + "".join(f"{q}\t{p}\t1\n" for q, p in pairs), "utf-8")
    return file


def make_data(folder: Path, passages: int = 70, asked: int = 2) -> Path:
    """A corpus in which every passage has words of its own, and `asked` questions a passage."""
    corpus, queries, pairs = [], [], []
    for n in range(passages):
        a, b, act = PIECES[n % 14], PIECES[(n // 14 + n + 1) % 14], ACTS[n % 10]
        corpus.append({"_id": f"p{n:03}", "title": f"the {a} {n}", "text": f"the {a} {act} when the {b} {n} is on the board",
                       "metadata": {"source": "rules", "page": n // 3 + 1}})  # fmt: skip
        for k in range(asked):
            level = ("easy", "hard")[k % 2]
            queries.append({"_id": f"q{n:03}-{k}", "text": f"what {act} if {a} {n} {('meets', 'and')[k % 2]} {b} ?",
                            "metadata": {"difficulty": level, "category": a}})  # fmt: skip
            pairs.append((f"q{n:03}-{k}", f"p{n:03}"))
    write_jsonl(folder / "corpus.jsonl", corpus)
    write_jsonl(folder / "queries.jsonl", queries)
    write_qrels(folder / "qrels.tsv", pairs)
    return folder


def other_domain(queries: Path) -> Path:
    """Turn every question's letters round: nothing of it is like a question that trains."""
    rows = [json.loads(line) for line in queries.read_text("utf-8").splitlines()]
    return write_jsonl(queries, [{**row, "text": row["text"][::-1]} for row in rows])


def make_bert(folder: Path, seed: int = 0, tokens: int = 64) -> Path:
    """A BERT embedder with random weights and a word-piece vocabulary of the tiny corpus, as SentenceTransformer writes it."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    inner = folder.with_name(folder.name + "-inner")
    inner.mkdir(parents=True)
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *PIECES,
        *ACTS,
        "the",
        "when",
        "is",
        "on",
        "what",
        "if",
        "meets",
        "and",
        "?",
    ]
    letters = [c for c in "abcdefghijklmnopqrstuvwxyz0123456789"]
    (inner / "vocab.txt").write_text("\n".join([*words, *letters, *(f"##{c}" for c in letters)]) + "\n")
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(words) + 2 * len(letters), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=tokens, initializer_range=0.3,
    )  # fmt: skip
    BertModel(config).save_pretrained(inner)
    BertTokenizerFast(str(inner / "vocab.txt"), model_max_length=tokens).save_pretrained(inner)
    transformer = Transformer(str(inner), max_seq_length=tokens)
    model = SentenceTransformer(modules=[transformer, Pooling(32, pooling_mode="mean"), Normalize()])
    model.save_pretrained(str(folder), safe_serialization=True)
    shutil.rmtree(inner)
    return folder


def make_recipe(folder: Path, base: Path, method: str = "none", extra: str = "") -> Path:
    file = folder / "tiny.toml"
    file.write_text(f"""
name = "tiny"
version = "0.1"
[data]
corpus = "corpus.jsonl"
queries = "queries.jsonl"
qrels = "qrels.tsv"
[model]
base = "{base}"
licence = "apache-2.0"
[train]
method = "{method}"
epochs = 1
batch_size = 32
negatives = 1
rank = 4
learning_rate = 1e-3
evaluations = 2
patience = 1
[export]
lengths = [16, 32]
{extra}
[search]
language = "en"
also = ["sqlite-vec", "rag-sdk"]
""")
    return file


def cli(
    *arguments: object, cwd: Path | None = None, env: dict | None = None, timeout: float = 600
) -> subprocess.CompletedProcess:
    """Run `pocketrag` as a user would, forked from a process that has imported the libraries (tests/processes.py)."""
    if sys.platform != "linux":  # elsewhere libraries that are loaded do not stand a fork
        return real_cli(*arguments, cwd=cwd, env=env, timeout=timeout)
    whole = {**os.environ, **(env or {})}
    return processes.run("pocketrag.cli", list(map(str, arguments)), cwd=cwd, env=whole, timeout=timeout)


def real_cli(
    *arguments: object, cwd: Path | None = None, env: dict | None = None, **kwargs
) -> subprocess.CompletedProcess:
    """Run `pocketrag` in a process of its own: for tests of killed ones, of full disks, and of what Python itself does."""
    return subprocess.run(
        [sys.executable, "-m", "pocketrag.cli", *map(str, arguments)],
        cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True, **{"timeout": 600, **kwargs},
    )  # fmt: skip


def pytest_addoption(parser):
    parser.addoption("--store-costs", action="store_true", help="write tests/costs.json from this run")


def pytest_configure(config):
    config.costs = Costs()
    if not hasattr(config, "workerinput"):  # the workers inherit it
        processes.open_folder()
    if config.getoption("store_costs") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(config.costs)
    if sys.platform == "linux":
        processes.divert()


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        processes.close_folder()


@pytest.hookimpl(tryfirst=True)  # xdist and `-m` read the marks when they are asked the same
def pytest_collection_modifyitems(config, items):
    """Tests of one group stay in one process, the dearest group first (with xdist's `--no-loadscope-reorder`)."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item.nodeid)))
        if config.costs.is_slow(item):
            item.add_marker(pytest.mark.slow)
        if config.costs.is_long(item):
            item.add_marker(pytest.mark.long)
    items.sort(key=lambda item: -config.costs.cost(item.nodeid))
    if "not slow" in config.option.markexpr or "not long" in config.option.markexpr:
        _wait_for_nobody(items)


def _wait_for_nobody(items):
    # Of the groups that need the tiny bundle only one comes first, or the other process would wait while it is built.
    tiny = {group_of(item.nodeid): None for item in items if "tiny_built" in item.fixturenames}
    waiting = set(list(tiny)[1:])
    items.sort(key=lambda item: group_of(item.nodeid) in waiting)


def once(factory, name: str, make: Callable[[Path], object]) -> Path:
    """What is slow to make is made by one process, in a folder that exists; the others wait for it."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"shared-{name}"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            beside = folder.with_name(f"{folder.name}-unfinished")
            shutil.rmtree(beside, ignore_errors=True)
            beside.mkdir()
            make(beside)
            beside.rename(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory) -> Path:
    return once(tmp_path_factory, "bert", lambda folder: make_bert(folder / "tiny-bert")) / "tiny-bert"


@pytest.fixture
def data(tmp_path) -> Path:
    return make_data(tmp_path)


@pytest.fixture(scope="session")
def tiny_built(tmp_path_factory, tiny_bert) -> Path:
    """A folder with a tiny recipe that was built without tuning; its bundle lies at `out/tiny`."""

    def make(folder):
        make_recipe(make_data(folder), tiny_bert)
        done = cli("build", "tiny.toml", "--out", "out/tiny", "--json", cwd=folder)
        assert done.returncode == 0, done.stderr[-3000:]

    return once(tmp_path_factory, "tiny", make)


@pytest.fixture
def tiny_bundle(tiny_built, tmp_path) -> Path:
    """A copy of the tiny bundle, free to damage."""
    return Path(shutil.copytree(tiny_built / "out" / "tiny", tmp_path / "tiny"))


@pytest.fixture(scope="session")
def npu_built(tmp_path_factory, tiny_bert) -> Path:
    """A folder with a tiny recipe that was built for an NPU, too: the files lie at `out/tiny.npu`."""

    def make(folder):
        # In int8 a model of random weights confuses passages that are all but alike.
        with_npu(make_recipe(make_data(folder), tiny_bert, extra='quantization = "float32"'))
        done = cli("build", "tiny.toml", "--out", "out/tiny", "--json", cwd=folder)
        (folder / "build.json").write_text(done.stdout)
        assert done.returncode == 0, done.stderr[-3000:]

    return once(tmp_path_factory, "npu", make)


@pytest.fixture(scope="session")
def tuned_built(tmp_path_factory, tiny_bert) -> tuple[Path, list[dict]]:
    """A folder with a recipe whose tuning learned next to nothing, and what `build` said: of it, and where that is accepted.

    Both models are converted in `work/tiny`; the recipe is the strict one.
    """

    def make(folder):
        recipe = make_recipe(make_data(folder, asked=6), tiny_bert, "lora")
        text = recipe.read_text().replace("learning_rate = 1e-3", "learning_rate = 2e-5")
        for name, accept in (("strict", ""), ("accepting", 'accept = "marginal"\n')):
            recipe.write_text(text.replace("epochs = 1\n", f"epochs = 1\n{accept}"))
            done = cli("build", "tiny.toml", "--out", "out/tiny", "--json", cwd=folder)
            assert done.returncode == 0, done.stderr[-3000:]
            (folder / f"{name}.json").write_text(done.stdout)
        recipe.write_text(text)

    folder = once(tmp_path_factory, "tuned", make)
    return folder, [json.loads((folder / f"{name}.json").read_text()) for name in ("strict", "accepting")]


@pytest.fixture
def built(tiny_built, tmp_path) -> Path:
    """A copy of a built tiny recipe: stages, bundle and all."""
    return Path(shutil.copytree(tiny_built, tmp_path / "built", symlinks=True))


@pytest.fixture(scope="session")
def tiny_gemma(tmp_path_factory) -> Path:
    """EmbeddingGemma's structure, 96 wide, with a vocabulary learned from the tiny corpus."""

    def make(folder):
        lines = [
            json.loads(line)["text"] for line in (make_data(folder) / "corpus.jsonl").read_text().splitlines()
        ]
        make_gemma(folder / "gemma-96", [*lines, "task: search result | query: title: none"], 500, head=32)

    return once(tmp_path_factory, "gemma", make) / "gemma-96"


#: 4-bit layers by GPTQ, the most sensitive ones in int8, and 64 of 96 dims.
CODE = "t8-a4b32g-f4b32g-h8+30"


@pytest.fixture(scope="session")
def gemma_built(tmp_path_factory, tiny_gemma) -> tuple[Path, dict]:
    """A folder in which a tiny Gemma was built (its bundle lies at `work/tiny/bundle/tiny`), and what `quantize` said."""

    def make(folder):
        make_recipe(make_data(folder), tiny_gemma, extra=f'quantization = "{CODE}"\ndims = 64')
        done = cli("build", "tiny.toml", "--out", "out/tiny", "--json", cwd=folder)
        # Random weights need not keep to the limits of trained ones.
        assert done.returncode in (0, 1), done.stderr[-2000:]

    folder = once(tmp_path_factory, "quantized", make)
    return folder, json.loads(cli("quantize", "tiny.toml", "--source", "base", "--json", cwd=folder).stdout)


@pytest.fixture(scope="session")
def packed_qwen(tmp_path_factory) -> Path:
    """A folder with a tiny Qwen2 that was packed in int4 (tests/packs.py)."""
    from tests.packs import packed

    return packed(tmp_path_factory, "qwen2", "int4")


@pytest.fixture(scope="session")
def packed_gemma(tmp_path_factory) -> Path:
    """A folder with a tiny Gemma 3 that was packed in float32."""
    from tests.packs import packed

    return packed(tmp_path_factory, "gemma3", "float32")


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> tuple[Path, str]:
    """The demo, made by the README's own command, with real weights: the bundle and what was printed."""
    with FileLock(tmp_path_factory.getbasetemp().parent / "demo.lock"):
        done = subprocess.run(["make", "demo"], cwd=ROOT, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stderr[-3000:]
    return ROOT / "android_assets" / "demo", done.stdout


@pytest.fixture(scope="session")
def axe(tmp_path_factory) -> str:
    """The script that looks for barriers in a page."""
    from tests import barriers

    return barriers.script(tmp_path_factory)
