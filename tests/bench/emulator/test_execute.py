"""A model run on an emulated core: vectors come back in order, and what breaks off is told from what is wrong."""

import numpy as np
import pytest
from pocketrag.bench.emulator.cores import CORES
from pocketrag.bench.emulator.execute import RefusedError, StoppedError, run_jobs

from pocketrag.formats.golden import read_golden
from pocketrag.formats.manifest import read_manifest
from pocketrag.formats.tokenizer import padded
from pocketrag.runtime.embedder import LiteRtEmbedder
from tests.bench.emulator.fakes import fake_root


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))


def jobs_of(bundle, count=7):
    ids = [text.ids for text in read_golden(bundle / "golden.json").texts[:count]]
    return [padded(row[:16], 32 if n % 2 else 16, 0) for n, row in enumerate(ids)]


def test_vectors_come_back_in_order(tiny_bundle):
    jobs = jobs_of(tiny_bundle)
    ran = run_jobs(fake_root(), CORES[0], tiny_bundle / "embedder.tflite", jobs)
    embedder = LiteRtEmbedder(tiny_bundle, read_manifest(tiny_bundle).embedder)
    assert np.array_equal(ran.vectors, [embedder.embed_ids(ids) for ids in jobs])
    assert ran.vectors.dtype == np.float32 and ran.facts["runtime"] == "CompiledModel"


@pytest.mark.parametrize("signal", ["SEGV", "KILL", "ILL"])
def test_a_crash_of_the_emulator(tiny_bundle, signal):
    root = fake_root(f"kill -{signal} $$\n")
    with pytest.raises(StoppedError, match=f"ended by SIG{signal}"):
        run_jobs(root, CORES[0], tiny_bundle / "embedder.tflite", jobs_of(tiny_bundle))


def test_an_emulator_that_hangs(tiny_bundle):
    with pytest.raises(StoppedError, match="hangs"):
        run_jobs(
            fake_root("exec sleep 60\n"),
            CORES[0],
            tiny_bundle / "embedder.tflite",
            jobs_of(tiny_bundle),
            silence=0.3,
        )


def test_an_emulator_that_can_not_be_run(tiny_bundle):
    root = fake_root()
    (root.folder / "qemu-aarch64-static").chmod(0o644)
    with pytest.raises(StoppedError, match=r"can't be run .*set it up again"):
        run_jobs(root, CORES[0], tiny_bundle / "embedder.tflite", jobs_of(tiny_bundle))


def test_a_file_that_is_no_model(tiny_bundle):
    (tiny_bundle / "embedder.tflite").write_bytes(b"TFL3" * 100)
    with pytest.raises(RefusedError, match="can't open the model"):
        run_jobs(fake_root(), CORES[0], tiny_bundle / "embedder.tflite", jobs_of(tiny_bundle))


def test_a_signature_that_is_not_there(tiny_bundle):
    with pytest.raises(RefusedError, match="embed_24"):
        run_jobs(fake_root(), CORES[0], tiny_bundle / "embedder.tflite", [[1] * 24])


def test_nothing_is_left_running(tiny_bundle, tmp_path):
    root = fake_root(f"echo $$ >> {tmp_path}/pids\nexec sleep 60\n")
    with pytest.raises(StoppedError):
        run_jobs(root, CORES[0], tiny_bundle / "embedder.tflite", jobs_of(tiny_bundle), silence=0.3)
    pids = (tmp_path / "pids").read_text().split()
    assert pids and not any((tmp_path / "/proc" / pid).exists() for pid in pids)
