"""Run the runtime on a stand-in for LiteRT (litert/Check.kt): tasks in, what was called and answered out."""

import json

from pocketrag.formats.golden import read_golden
from pocketrag.formats.manifest import read_manifest
from tests.gradle_bundle import built, toolchain

OWN = "environment {}"
ON_CPU = "create [CPU] threads 3 cache true embedder.tflite"
#: With the CPU beside it LiteRT would fall back without saying so.
ON_GPU = "create [GPU] precision FP32 embedder.tflite"


def asked(bundle, *tasks):
    """Return what each task gives; `opening` and `closing` are the calls before the first and after the last run."""
    given = [_task(bundle, task) for task in tasks]
    libraries = [built.harness(), built.runtime(), *toolchain.libraries(), *toolchain.jars("sqlite")]
    friends = f"-Xfriend-paths={built.runtime()},{built.harness()}"
    jar = toolchain.compile(
        [built.HERE / "litert"], libraries, options=(*toolchain.STRICT, friends, "-module-name", "litert")
    )
    done = toolchain.run(
        jar, "dev.pocketrag.litert.CheckKt", stdin=json.dumps(given, default=str).encode(), classpath=libraries, native=["sqlite"]
    )  # fmt: skip
    return [_split(row) for row in json.loads(done.stdout)]


def _task(bundle, task):
    """Complete a task: the golden texts' ids, with the vectors that CPU and GPU give, and those that an NPU gives."""
    whole = {"folder": bundle, "has": [], "vectors": [], "questions": ["king 0"], **task}
    whole["dims"] = read_manifest(whole["folder"]).embedder.dims
    texts = read_golden(whole["folder"] / "golden.json").texts
    whole["golden"] = [[text.ids, text.shipped, text.twin] for text in texts]
    return {key: value for key, value in whole.items() if value is not None}


def _split(row):
    runs = [n for n, call in enumerate(row["calls"]) if call.startswith("run")]
    row["opening"], row["closing"] = row["calls"][: runs[0]], row["calls"][runs[-1] + 1 :]
    return row
