"""The tests' stand-in for LiteRT's `benchmark_model`: takes its flags, prints lines of its form, and really runs the model.

It is not LiteRT's program. The model that was pushed runs on this computer with `ai_edge_litert`, on the ids that were pushed, so the
vector that comes back is computed and a damaged model gives a wrong one; its times and memory are this computer's, of few runs. It
knows the flags that the scenario's `--help` lists and no others. A scenario may kill it, let it hang, print a log, or slow it down.
"""

import os
import re
import resource
import signal
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from scripted_adb import count, root, scenario, transcript

#: The real one runs 50 times and more.
MOST_RUNS = 5


def log(text):
    sys.stdout.write(f"{text}\n")


def main():
    says, usage = scenario(), transcript(scenario()["help"])
    given = dict(re.match(r"--(\w+)=(.*)", word).groups() for word in sys.argv[1:] if "=" in word)
    if sys.argv[1:] == ["--help"]:
        log(usage)
        return 1
    known = set(re.findall(r"^\s*--(\w+)=", usage, re.MULTILINE))
    if set(given) - known:
        log("WARN: Unconsumed cmdline flags: " + " ".join(sorted(f"--{name}" for name in set(given) - known)))
    interfere(says)
    log(f"INFO: STARTING!\nINFO: Num threads: [{given['num_threads']}]\nINFO: Graph: [{given['graph']}]")
    log(f"INFO: Signature to run: [{given.get('signature_to_run_for', '')}]")
    log(f"INFO: Loaded model {given['graph']}")
    log(f"INFO: The input model file size (MB): {Path(given['graph']).stat().st_size / 1e6:g}")
    return run({name: value for name, value in given.items() if name in known}, "input_layer" in known)


def interfere(says):
    calls = count("benchmark")
    if calls == says.get("killed_at"):
        os.kill(os.getpid(), signal.SIGKILL)
    if calls == says.get("gone_at"):
        (root() / "gone").touch()
    if calls == says.get("hangs_at"):
        time.sleep(60)
    if calls == says.get("fails_at"):
        log(transcript(says["log"]) if "log" in says else "ERROR: Failed to apply XNNPACK delegate.")
        sys.exit(1)


def run(given, files):
    before = footprint()
    start = time.perf_counter()
    invoke, read, length = opened(given)
    cache = given.get("xnnpack_weight_cache_file_path")
    if given.get("dry_run") == "true":
        if cache and scenario().get("cache", True):
            Path(cache).write_bytes(b"packed weights")
        return 0
    init = (time.perf_counter() - start) * 1e6
    ids = (
        np.fromfile(given["input_layer_value_files"].partition(":")[2], "<i4")
        if files and "input_layer" in given
        else np.arange(length) % 99
    )
    ids = ids.astype(np.int32).reshape(1, -1)
    shape = given.get("input_layer_shape", f"1,{length}")
    assert tuple(map(int, shape.split(","))) == ids.shape == (1, length), (shape, ids.shape, length)
    warm = timed(invoke, ids, int(given["warmup_runs"]))
    taken = timed(invoke, ids, int(given["num_runs"]))
    output = given.get("output_filepath")
    if output and scenario().get("writes", True):
        Path(output).write_bytes(damaged(read()).astype("<f4").tobytes())
    report(files, init, warm, taken, footprint() - before)
    return 0


def opened(given):
    """A function that runs the model, one that reads its vector, and the length of its input."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(given["graph"], num_threads=int(given["num_threads"]))
    if "signature_to_run_for" in given:
        runner, found = interpreter.get_signature_runner(given["signature_to_run_for"]), {}
        ((name, detail),) = runner.get_input_details().items()
        return (
            lambda ids: found.update(runner(**{name: ids})),
            lambda: next(iter(found.values())),
            int(detail["shape"][1]),
        )
    interpreter.allocate_tensors()
    (given_detail,), (taken_detail,) = interpreter.get_input_details(), interpreter.get_output_details()

    def invoke(ids):
        interpreter.set_tensor(given_detail["index"], ids)
        interpreter.invoke()

    return invoke, lambda: interpreter.get_tensor(taken_detail["index"]), int(given_detail["shape"][1])


def damaged(vector):
    """The vector as it is, unless the scenario plays a phone whose kernels are wrong."""
    what = scenario().get("output")
    return (
        np.full_like(vector, np.nan) if what == "nan" else vector.ravel()[:-1] if what == "short" else vector
    )


def timed(invoke, ids, runs):
    """Microseconds of each run; they grow where the scenario plays a phone that gets hot."""
    from_call, seconds = scenario().get("slow", [10**6, 0])
    called, times = int((root() / "count-benchmark").read_text()), []
    for _ in range(min(runs, MOST_RUNS)):
        start = time.perf_counter()
        invoke(ids)
        if called >= from_call:
            time.sleep(seconds)
        times.append((time.perf_counter() - start) * 1e6)
    return times


def report(interpreter, init, warm, taken, megabytes):
    for times in (warm, taken):
        log(f"INFO: {statistics(times)}\n")
    first, warming = (warm[0], np.mean(warm)) if warm else (0, 0)
    if interpreter:
        log(f"INFO: Inference timings in us: Init: {init:.0f}, First inference: {first:.0f}, Warmup (avg): {warming:.6g}, "
              f"Inference (avg): {np.mean(taken):.6g}\n"
              f"INFO: Memory footprint delta from the start of the tool (MB): init={megabytes:.6g} overall={megabytes:.6g}")  # fmt: skip
    else:
        log(f"INFO: [./litert/tools/benchmark_litert_model.h:73] Model initialization: {init / 1e3:.2f} ms\n"
              f"INFO: [./litert/tools/benchmark_litert_model.h:107] Overall footprint:    {megabytes:.2f} MB")  # fmt: skip


def statistics(times):
    """One line as stats_calculator.h prints it."""
    if not times:
        return "count=0"
    whole = np.array(times).astype(int)
    if len(set(whole)) == 1:
        return f"count={len(whole)} curr={whole[-1]}" + ("(all same)" if len(whole) > 1 else "")
    p5, median, p95 = (sorted(whole)[len(whole) * percent // 100] for percent in (5, 50, 95))
    return (f"count={len(whole)} first={whole[0]} curr={whole[-1]} min={whole.min()} max={whole.max()} avg={whole.mean():.6g} "
            f"std={whole.std():.0f} p5={p5} median={median} p95={p95}")  # fmt: skip


def footprint():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
