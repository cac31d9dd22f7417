"""Tiers in tests: a published generator, the facts of its exam, a recipe, and files that are no tiers."""

import copy
import json
from pathlib import Path

from pocketrag.formats import files
from pocketrag.formats.facts.exam import ExamFacts
from pocketrag.formats.generator import FILES, MODEL, SUMS
from pocketrag.formats.manifest import read_manifest
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.tier_verdict import publish_tiers
from tests.packs import write_recipe
from tests.pocketrag.runtime.generator.scripted import packed

URL, SERVED = "https://answers.example.org/v1", "owner/large-7b"
PREMIUM = f'[generator.tiers.premium]\nurl = "{URL}"\nmodel = "{SERVED}"\n'
HOST = "Some Desktop at 3 GHz"


def published(assets: Path, name: str = "tiny", model: bytes = b"no model") -> Path:
    """Write a generator's folder as `pack` publishes it; return it."""
    folder = packed(assets / f"{name}.generator", model)
    (folder / "golden.json").write_text("{}")
    (folder / "NOTICE").write_text("Of its makers.\n")
    (folder / SUMS).write_text(files.sums_text({file: files.sha256(folder / file) for file in FILES}))
    return folder


def recipe(folder: Path, extra: str = "", name: str = "tiny") -> Path:
    """Write a recipe with a generator, and tables behind it."""
    return write_recipe(folder, "owner/small", "int8", name, extra)


def mean(value: float, n: int = 60) -> dict:
    return {"mean": value, "interval": [max(0.0, value - 0.1), min(1.0, value + 0.1)], "n": n}


def exam(generator: Path, accuracy: float = 0.8, *, ships: bool = True, **packed_facts) -> dict:
    """Return what `pocketrag exam --json` prints of a generator."""
    facts = {
        "file": files.sha256(generator / MODEL), "accuracy": mean(accuracy), "quantization_loss": mean(0.01), "seconds": 4.5,
        "first_token_seconds": 0.4, "tokens_per_second": 21.5, "memory_megabytes": 900.0, "host": HOST, **packed_facts,
    }  # fmt: skip
    return {
        "base": "owner/small", "method": "none", "questions": 60, "answerable": 40, "unanswerable": 20, "examined": "float",
        "arms": {"quotes": arm(0.4), "float": arm(0.9), "packed": arm(accuracy)}, "tuning": None, "packed": facts,
        "limits": {"accuracy": 0.75, "seconds": 15, "memory_megabytes": 3000, "quantization_loss": 0.02},
        "checks": {}, "ships": ships, "reason": "keeps to every limit" if ships else "no better than its base",
    }  # fmt: skip


def arm(accuracy: float) -> dict:
    empty = ("answered", "exact_match", "f1", "citation_precision", "citation_recall", "verbatim", "right_refusals", "wrong_refusals",
             "stopped", "first_token_seconds", "tokens_per_second", "behind")  # fmt: skip
    counts = {"quotes": 0, "injections": 0, "injected": 0, "by_category": {}}
    return {
        "accuracy": mean(accuracy),
        **dict.fromkeys(empty),
        "seconds": 1.0,
        "memory_megabytes": 100.0,
        **counts,
    }


def offered(bundle: Path, accuracy: float = 0.8, extra: str = "") -> Path:
    """Publish a generator and its tiers beside a bundle; return the file."""
    name, assets = bundle.name, bundle.parent
    folder, file = published(assets, name), recipe(assets / "recipe", extra, name)
    file.write_text(f'version = "{read_manifest(bundle).version}"\n' + file.read_text("utf-8"))
    project = Project.read(str(file))
    facts = ExamFacts.read(exam(folder, accuracy))
    return Path(publish_tiers(project.recipe, project.need_generator("offer"), facts, assets).file)


def written(file: Path, facts: dict) -> Path:
    file.write_text(json.dumps(facts), "utf-8")
    return file


def tier(name: str, answers: str, memory: int = 0, *, ships: bool = True) -> dict:
    """Return a tier of the file; whatever is no free one has an exam."""
    pack = {"name": f"rag_{name}", "folder": f"tiny.{name}", "bytes": 7,
            "files": {"generator.json": {"bytes": 3, "sha256": "a" * 64}, "generator.litertlm": {"bytes": 4, "sha256": "b" * 64}}}  # fmt: skip
    times = {
        "host": HOST,
        "phone": False,
        "seconds": 4.5,
        "first_token_seconds": None,
        "tokens_per_second": 20,
        "memory_megabytes": 900.5,
    }
    return {
        "name": name, "answers": answers, "memory_megabytes": memory, "pack": pack if answers == "generator" else None,
        "server": {"url": URL, "model": SERVED} if answers == "server" else None,
        "exam": None if answers == "quotes" else {"accuracy": 0.8, "interval": [0.7, 0.9], "questions": 60},
        "measured": times if answers == "generator" else None,
        "limits": {} if answers == "quotes" else {"accuracy": {"limit": 0.75, "value": 0.8, "holds": True, "why": "at least"},
                                                  "seconds": {"limit": 15, "value": 4.5, "holds": None, "why": "no phone"}},
        "ships": ships, "why": "as its exam says",
    }  # fmt: skip


def offer(*tiers: dict) -> dict:
    """Return the whole file, with the free tier first."""
    return {"contract": 1, "name": "tiny", "version": "1.0.0", "tiers": [tier("free", "quotes"), *tiers]}


WHOLE = offer(tier("standard", "generator", 4500), tier("premium", "server"))


def changed(*path: str | int, value: object = None, drop: bool = False) -> str:
    """Return the whole file with one value changed, added or dropped, as JSON."""
    found = copy.deepcopy(WHOLE)
    *above, last = path
    place = found
    for key in above:
        place = place[key]
    if drop:
        del place[last]
    else:
        place[last] = value
    return json.dumps(found)


ONE, FREE, SERVER = ("tiers", 1), ("tiers", 0), ("tiers", 2)
PACK = (*ONE, "pack")
#: Files that neither Python nor the phone takes.
BAD = {
    "nothing": "",
    "no JSON": "{",
    "more behind it": json.dumps(WHOLE) + " x",
    "a list": "[]",
    "another contract": changed("contract", value=2),
    "a contract as text": changed("contract", value="1"),
    "a contract as a fraction": changed("contract", value=1.0).replace('"contract": 1,', '"contract": 1.0,'),
    "a contract as a flag": changed("contract", value=True),
    "no contract": changed("contract", drop=True),
    "an unknown key": changed("more", value=1),
    "an unknown key of a tier": changed(*ONE, "more", value=1),
    "a missing key": changed(*ONE, "why", drop=True),
    "a name that is a path": changed("name", value="../tiny"),
    "a version that is none": changed("version", value="new"),
    "no tier": changed("tiers", value=[]),
    "tiers as text": changed("tiers", value="free"),
    "a tier twice": changed("tiers", value=[*WHOLE["tiers"], WHOLE["tiers"][2]]),
    "tiers in another order": changed("tiers", value=[WHOLE["tiers"][n] for n in (0, 2, 1)]),
    "no free tier": changed("tiers", value=WHOLE["tiers"][1:]),
    "a free tier that does not ship": changed(*FREE, "ships", value=False),
    "a free tier for some": changed(*FREE, "memory_megabytes", value=10),
    "an unknown tier": changed(*ONE, "name", value="gold"),
    "an unknown way": changed(*ONE, "answers", value="oracle"),
    "memory as text": changed(*ONE, "memory_megabytes", value="4500"),
    "memory below nothing": changed(*ONE, "memory_megabytes", value=-1),
    "memory as a fraction": changed(*ONE, "memory_megabytes", value=4500.5),
    "memory without end": changed(*ONE, "memory_megabytes", value=10**18),
    "a generator without a pack": changed(*PACK, value=None),
    "quotes with a pack": changed(*FREE, "pack", value=WHOLE["tiers"][1]["pack"]),
    "a folder that leaves": changed(*PACK, "folder", value="../other"),
    "a folder of dots": changed(*PACK, "folder", value=".."),
    "a folder with a separator": changed(*PACK, "folder", value="a/b"),
    "a folder with a backslash": changed(*PACK, "folder", value="a\\b"),
    "a folder and a line break": changed(*PACK, "folder", value="a\n"),
    "a file that leaves": changed(*PACK, "files", value={"../x": {"bytes": 7, "sha256": "a" * 64}}),
    "no files": changed(*PACK, "files", value={}),
    "another sum": changed(*PACK, "bytes", value=8),
    "a digest that is none": changed(*PACK, "files", "generator.json", "sha256", value="A" * 64),
    "a pack that Play does not take": changed(*PACK, "name", value="rag-x"),
    "a server without a server": changed(*SERVER, "server", value=None),
    "a server in the open": changed(*SERVER, "server", "url", value="http://answers.example.org/v1"),
    "a server with a password": changed(*SERVER, "server", "url", value="https://me:secret@example.org/v1"),
    "a server with a key": changed(*SERVER, "server", "url", value="https://example.org/v1?key=secret"),
    "a model with a space": changed(*SERVER, "server", "model", value="a b"),
    "ships without an exam": changed(*ONE, "exam", value=None),
    "ships beyond a limit": changed(*ONE, "limits", "seconds", "holds", value=False),
    "an unknown limit": changed(*ONE, "limits", "taste", value=WHOLE["tiers"][1]["limits"]["seconds"]),
    "an exam of nothing": changed(*ONE, "exam", "questions", value=0),
    "an accuracy beyond 1": changed(*ONE, "exam", "accuracy", value=1.5),
    "an interval with one end": changed(*ONE, "exam", "interval", value=[0.7]),
    "an accuracy as text": changed(*ONE, "exam", "accuracy", value="0.8"),
    "a time that is none": changed(*ONE, "measured", "seconds", value=float("nan")),
    "a time below nothing": changed(*ONE, "measured", "seconds", value=-1),
    "ships as a word": changed(*ONE, "ships", value="true"),
    "ships as a number": changed(*ONE, "ships", value=1),
    "a reason without end": changed(*ONE, "why", value="x" * 2001),
    "a tier that is none": changed(*ONE, value=3),
}  # fmt: skip
