"""The runtime on a stand-in for LiteRT: what it asks for on each accelerator, what it closes in which order, and never under a call."""

import json

import pytest

from pocketrag.formats.manifest import read_manifest
from tests.gradle_bundle import built, toolchain

pytestmark = pytest.mark.usefixtures("kotlin")

OWN = "environment {}"
ON_CPU = "create [CPU] threads 3 cache true"
#: With the CPU beside it LiteRT would fall back without saying so.
ON_GPU = "create [GPU] precision FP32"
ON_NPU = "create [NPU] threads 3 cache false"


def asked(bundle, accelerator, has=(), **more):
    """Return what `litert/Check.kt` writes; `opening` and `closing` are the calls before and after the runs."""
    libraries = [built.harness(), built.runtime(), *toolchain.libraries(), *toolchain.jars("sqlite")]
    friends = f"-Xfriend-paths={built.runtime()},{built.harness()}"
    jar = toolchain.compile(
        [built.HERE / "litert"], libraries, options=(*toolchain.STRICT, friends, "-module-name", "litert")
    )
    task = {
        "folder": bundle,
        "accelerator": accelerator,
        "has": has,
        "vectors": [],
        **more,
    }
    task["dims"] = read_manifest(bundle).embedder.dims
    done = toolchain.run(
        jar, "dev.pocketrag.litert.CheckKt", stdin=json.dumps(task, default=str).encode(), classpath=libraries, native=["sqlite"]
    )  # fmt: skip
    row = json.loads(done.stdout)
    runs = [n for n, call in enumerate(row["calls"]) if call.startswith("run")]
    row["opening"], row["closing"] = row["calls"][: runs[0]], row["calls"][runs[-1] + 1 :]
    return row


@pytest.mark.parametrize(
    ("accelerator", "has", "calls", "used"),
    [
        ("CPU", ["GPU"], [OWN, ON_CPU], "CPU"),
        ("GPU", ["GPU"], [OWN, ON_GPU], "GPU"),
        # An app without litert-gpu, or a model that the GPU can't take: the answer says what it was.
        ("GPU", [], [OWN, ON_GPU, "close environment", OWN, ON_CPU], "CPU"),
        ("NPU", ["NPU"], [OWN, ON_NPU], "NPU"),
        # LiteRT would take the CPU for an NPU that is not there.
        ("NPU", [], [OWN, "close environment", OWN, ON_CPU], "CPU"),
    ],
)
def test_what_is_asked_for_and_what_the_answer_says(tiny_bundle, accelerator, has, calls, used):
    row = asked(tiny_bundle, accelerator, has)
    assert row["opening"] == calls and row["accelerator"] == used and "fell_back" not in row
    assert row["full text"] == "none" and row["shared options untouched"]
    assert row["closing"] == ["close buffer", "close buffer", "close model", "close environment"]


def test_an_environment_of_the_apps_own_is_used_and_stays_open(tiny_bundle):
    row = asked(tiny_bundle, "GPU", environment=True)
    assert row["opening"] == [OWN, ON_GPU, ON_CPU]
    assert row["closing"] == ["close buffer", "close buffer", "close model"]


def test_closing_waits_for_the_call_that_runs(tiny_bundle):
    """LiteRT frees a model under a running call; here the call is finished, and those that wait are refused."""
    row = asked(tiny_bundle, "CPU")
    assert not row["freed"]
    assert sorted(set(row["ends"])) == ["closed", "full"] and row["ends"].count("full") == 1


@pytest.mark.parametrize("broken", ["linkage", "memory"])
def test_a_gpu_that_fails_when_it_runs_leaves_it_to_the_cpu(tiny_bundle, broken):
    row = asked(tiny_bundle, "GPU", ["GPU"], broken=broken)
    assert row["accelerator"] == "CPU" and "fell_back" not in row
    assert row["opening"] == [OWN, ON_GPU]
    # All of the GPU's is given back before the CPU's is made.
    closing = ["close buffer", "close buffer", "close model", "close environment"]
    at = row["calls"].index(ON_CPU)
    assert row["calls"][at - 5 : at] == [*closing, OWN] and row["closing"] == closing


def test_all_runs_are_on_one_thread(tiny_bundle):
    """A GPU's context may belong to the thread that made it."""
    assert asked(tiny_bundle, "GPU", ["GPU"], idle=6000)["threads"] == 1
