"""The runtime on a tiny quantized model: same vectors however it is run, one clear error for what is no such model."""

import subprocess
import sys
import threading

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from pocketrag.errors import InputError
from pocketrag.formats.manifest import read_manifest
from pocketrag.runtime.embedder import FEW, LiteRtEmbedder
from pocketrag.runtime.litert import Compiled


@pytest.fixture
def spec(tiny_bundle):
    return read_manifest(tiny_bundle).embedder


def tokens(length, count, seed=0):
    ids = np.zeros((1, length), np.int32)
    ids[0, :count] = np.random.default_rng(seed).integers(5, 60, count)
    return ids


def test_vectors_are_those_of_the_classic_interpreter_with_any_number_of_threads(tiny_bundle, spec):
    file = tiny_bundle / "embedder.tflite"
    classic, models = Interpreter(str(file)), [Compiled(file, spec.lengths, spec.dims, n) for n in (1, 2)]
    for length in spec.lengths:
        for count in (1, length // 2, length):
            ids = tokens(length, count)
            runner = classic.get_signature_runner(f"embed_{length}")
            (wanted,) = runner(**{next(iter(runner.get_input_details())): ids}).values()
            for model in models:
                assert (model(ids) == wanted[0]).all()


def test_many_texts_are_embedded_as_each_alone(tiny_bundle, spec):
    embedder = LiteRtEmbedder(tiny_bundle, spec)
    texts = [f"the king moves {'and waits ' * (n % 12)}{n}" for n in range(FEW + 9)]
    assert (embedder.embed_many(texts) == np.stack([embedder.embed(text) for text in texts])).all()
    assert embedder.embed_many([]).shape == (0, spec.dims)


def test_threads_may_share_an_embedder(tiny_bundle, spec):
    embedder = LiteRtEmbedder(tiny_bundle, spec)
    texts = [f"the {piece} waits" for piece in ("king", "queen", "rook", "pawn")]
    wanted = {text: embedder.embed(text) for text in texts}
    wrong = []

    def work(text):
        wrong.extend(text for _ in range(50) if not (embedder.embed(text) == wanted[text]).all())

    threads = [threading.Thread(target=work, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize(
    ("lengths", "dims", "message"),
    [((16, 48), 32, "has no signature 'embed_48'"), ((16, 32), 99, "has inputs and outputs")],
)
def test_other_signatures_are_refused(tiny_bundle, lengths, dims, message):
    with pytest.raises(InputError, match=message):
        Compiled(tiny_bundle / "embedder.tflite", lengths, dims, 1)


def test_no_model_is_refused(tmp_path):
    (tmp_path / "embedder.tflite").write_bytes(b"nonsense" * 99)
    with pytest.raises(InputError, match="LiteRT can't open it"):
        Compiled(tmp_path / "embedder.tflite", (16,), 32, 1)


def test_damaged_files_raise_or_run_but_never_end_the_process(tiny_bundle, spec):
    """CompiledModel alone ends its process with SIGSEGV on every second of these."""
    whole, rnd = (tiny_bundle / "embedder.tflite").read_bytes(), np.random.default_rng(7)
    for n in range(24):
        data = bytearray(whole)
        if n % 3 == 0:
            data = data[: rnd.integers(len(data))]
        for _ in range((0, 1, 16)[n % 3]):
            data[rnd.integers(len(data))] = rnd.integers(256)
        (tiny_bundle / f"{n}.tflite").write_bytes(data)
    code = f"""
import sys, numpy as np
from pathlib import Path
from pocketrag.runtime.litert import Compiled
from pocketrag.errors import InputError
for n in range(24):
    try:
        model = Compiled(Path({str(tiny_bundle)!r}) / f"{{n}}.tflite", {spec.lengths}, {spec.dims}, 1)
        model(np.ones((1, {spec.lengths[0]}), np.int32))
    except InputError:
        pass
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]


def test_nothing_is_written_to_standard_error(tiny_bundle, spec):
    code = f"""
import numpy as np
from pathlib import Path
from pocketrag.runtime.litert import Compiled
model = Compiled(Path({str(tiny_bundle)!r}) / "embedder.tflite", {spec.lengths}, {spec.dims}, 1)
model(np.ones((1, {spec.lengths[0]}), np.int32))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_second_model_of_the_same_file_outlives_the_first(tiny_bundle, spec):
    first, second = (Compiled(tiny_bundle / "embedder.tflite", spec.lengths, spec.dims, 1) for _ in range(2))
    ids = np.zeros((1, spec.lengths[0]), np.int32)
    ids[0, :4] = [2, 7, 8, 3]
    wanted = first(ids)
    first.close()
    with pytest.raises(InputError, match="was closed"):
        first(ids)
    room = [np.ones(1 << 20) for _ in range(8)]  # takes what the first gave back
    assert (second(ids) == wanted).all() and all((block == 1).all() for block in room)


THREADS = """
import sys, threading
from pathlib import Path
from pocketrag.runtime.litert import Compiled
def work():
    for _ in range(5):
        Compiled(Path(sys.argv[1]), {lengths}, {dims}, 1).close()
threads = [threading.Thread(target=work) for _ in range(3)]
[t.start() for t in threads], [t.join() for t in threads]
print("still heard", file=sys.stderr)
"""


def test_standard_error_is_there_again_after_threads_opened_models(tiny_bundle, spec):
    code = THREADS.format(lengths=spec.lengths, dims=spec.dims)
    done = subprocess.run(
        [sys.executable, "-c", code, str(tiny_bundle / "embedder.tflite")], capture_output=True, text=True
    )
    assert done.returncode == 0 and done.stderr == "still heard\n"


def test_a_process_without_standard_error_works(tiny_bundle, spec):
    code = THREADS.format(lengths=spec.lengths, dims=spec.dims).replace(
        'print("still heard", file=sys.stderr)', 'print("done")'
    )
    command = ["bash", "-c", f"{sys.executable} -c '{code}' {tiny_bundle / 'embedder.tflite'} 2>&-"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == "done\n"
