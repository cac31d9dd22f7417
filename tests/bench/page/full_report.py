"""A report in which every section was measured, with made-up numbers: what a page is tested with."""

import copy
import json
from pathlib import Path

LENGTHS = (32, 64, 128, 256)
GATES = ("contract", "digests", "quality", "twin_parity", "device_parity", "device_latency", "device_memory")


def gate(
    name: str,
    outcome: str = "pass",
    detail: str = "fine",
    value: float | None = None,
    limit: float | None = None,
) -> dict:
    return {"gate": name, "outcome": outcome, "detail": detail, "value": value, "limit": limit}


def here(time: str = "2026-11-01T10:00:00+00:00", processor: str = "AMD EPYC") -> dict:
    machine = {
        "system": "Linux 6.1",
        "architecture": "x86_64",
        "processor": processor,
        "cores": 2,
        "memory_gb": 8.2,
    }
    return {
        "time": time,
        "machine": machine,
        "versions": {"python": "3.11.7", "numpy": "2.4.6"},
        "commit": "0123456789abcdef",
        "dirty": True,
    }


def spread(value: float, n: int = 30) -> dict:
    return {"n": n, "median_ms": value, "p90_ms": value * 1.2, "p95_ms": value * 1.3, "p99_ms": value * 1.6}


def scores(ndcg: float) -> dict:
    return {"n": 162, "recall@1": 0.4, "recall@5": 0.7, "recall@10": 0.8, "mrr@10": 0.6, "ndcg@10": ndcg}


def difference(value: float, **more: object) -> dict:
    return {"measure": "ndcg@10", "n": 162, "difference": value, "interval": [value - 0.04, value + 0.04], "better": 60, "worse": 27,
            "verdict": "WIN", **more}  # fmt: skip


def run(runtime: str, threads: int) -> dict:
    parts = {
        part: spread(value)
        for part, value in {"tokenize": 0.1, "embed": 5.0, "search": 1.2, "whole": 6.5}.items()
    }
    return {
        "runtime": runtime, "threads": threads, "cold_ms": {"open": 412.0, "first": 31.0}, "warm_ms": {"open": 95.0, "first": 14.0},
        "memory_mb": {"start": 61.0, "open": 150.0, "end": 180.0, "peak": 190.5},
        "lengths": {str(length): spread(length * 0.12 / threads) for length in LENGTHS},
        "questions": {**parts, "n": 162, "mode": "hybrid"},
    }  # fmt: skip


def phone(model: str = "Pixel 9", emulated: bool = False) -> dict:
    times = {
        str(length): {"runs": 50, "avg": length * 0.09, "median": length * 0.088, "p95": length * 0.11}
        for length in LENGTHS
    }
    return {
        "serial": "R5CT1", "phone": {"manufacturer": "Google", "model": model, "soc": "Tensor G4", "android": "16", "emulated": emulated},
        "threads": 4, "latency_ms": times, "mean_ms": 4.87, "memory_mb": {"32": 111.0, "256": 143.0}, "throttled": True, "noisy": False,
        "parity": {"n": 48, "mean": 0.9985, "least": 0.9969}, "before": {"thermal_status": 0}, "after": {"thermal_status": 2},
        "trouble": None, "environment": here(),
    }  # fmt: skip


def predicted(device: str, soc: str, ms: float, length: int | str, meets: bool | None) -> dict:
    return {
        "device": device,
        "soc": soc,
        "length": length,
        "ms": ms,
        "low_ms": ms / 2,
        "high_ms": ms * 2,
        "meets": meets,
    }


def prediction() -> dict:
    rows = [predicted("Galaxy A33", "Exynos 1280", length * 0.4, length, None) for length in LENGTHS]
    rows += [
        predicted("Pixel 9", "Tensor G4", 4.0, "questions", True),
        predicted("Pixel 9", "Tensor G4", 77.0, 256, False),
    ]
    point = {"device": "Galaxy S25 Ultra", "soc": "Snapdragon 8 Elite", "model": "EmbeddingGemma", "length": 256, "measured_ms": 66.0,
             "predicted_ms": 71.0, "error": 0.076, "source": "the model's card"}  # fmt: skip
    return {"label": "prediction", "limit_ms": 15.0, "rows": rows, "fit": {"points": [point], "checks": []},
            "assumes": ["The phone is cool."], "environment": here()}  # fmt: skip


def exam() -> dict:
    arms = {name: {"mean": mean, "interval": [mean - 0.1, mean + 0.1], "n": 70} for name, mean in
            (("base", 0.1), ("quotes", 0.214), ("packed", 0.8))}  # fmt: skip
    sample = {"question": "May I castle?", "category": None, "answers": ["yes", "you may"], "reply": "Yes [1].", "outcome": "answer",
              "right": True}  # fmt: skip
    refused = {**sample, "question": "Who won?", "answers": [], "reply": "Somebody won.", "right": False}
    checks = {
        "accuracy": {"outcome": "pass", "detail": "0.80 of 0.75"},
        "phone": {"outcome": "unchecked", "detail": "no phone"},
    }
    return {"file": "c" * 64, "base": "small-lm", "method": "lora", "questions": 70, "unanswerable": 20, "ships": True,
            "reason": "every check passes", "arms": arms, "checks": checks, "samples": [sample, refused], "environment": here()}  # fmt: skip


def emulator() -> dict:
    cpu = {"litert": "2.1.6", "runtime": "compiled", "n": 48, "overlap": 0.98}
    cpus = [{**cpu, "cpu": "cortex-a76", "mean": 0.9984, "least": 0.997, "decides": True},
            {**cpu, "cpu": "max", "mean": -0.08, "least": -0.3, "decides": False}]  # fmt: skip
    return {"cpus": cpus, "export_litert": "2.3.0", "qemu": "7.2", "seconds": 4321.5}


def bare(name: str = "demo", version: str = "1.0.0") -> dict:
    """A report of which only `build` is known."""
    return {"schema": 1, "name": name, "version": version, "model_id": f"{name}-{version}-int8-0123456789ab", "base_model": "MiniLM",
            "manifest_sha256": "a" * 64}  # fmt: skip


def full(
    version: str = "1.0.0",
    time: str = "2026-11-01T10:00:00+00:00",
    processor: str = "AMD EPYC",
    **outcomes: str,
) -> dict:
    """Every section; `outcomes` are those of gates that don't pass."""
    env = here(time, processor)
    verdict = {"ships": "tuned", "reason": "it won", "tuned": difference(0.09), "shipped": difference(0.08), "guard": None,
               "searched": difference(0.12, mode="hybrid"), "accepted_regression": False}  # fmt: skip
    by = {"by_difficulty": {"easy": scores(0.9), "hard": scores(0.3)}, "by_category": {"clocks": scores(0.5)}}
    shipped = {**scores(0.64), **by, "modes": {"dense": scores(0.64), "hybrid": scores(0.68)},
               "agreement": {"top": 10, "mean": 0.967, "interval": [0.963, 0.971], "n": 801}}  # fmt: skip
    gates = [gate(name, outcomes.get(name, "pass"), value=0.998, limit=0.985) for name in GATES]
    parity = {
        "target": "demo", "embedder": "tuned", "n": 512, "cosine": {"n": 512, "mean": 0.9984, "least": 0.9971},
        "by_length": {str(length): {"n": 100, "mean": 0.998, "least": 0.997} for length in LENGTHS}, "padding": {"n": 20, "least": 1.0},
        "overlap": {"top": 10, "mean": 0.96, "interval": [0.95, 0.97], "n": 162}, "ndcg": difference(-0.005), "environment": env,
    }  # fmt: skip
    runs = [run(runtime, threads) for runtime in ("compiled", "classic") for threads in (1, 2, 4)]
    return copy.deepcopy({
        **bare(version=version), "verdict": verdict, "quality": {"base": {**scores(0.56), **by}, "shipped": shipped}, "stages": {"tune": tune()},
        "files": {"embedder.tflite": 23_830_384, "corpus.db": 835_584, "NOTICE": 547}, "bytes": 24_666_515, "gates": gates,
        "build": {"seconds": 181.2, "environment": env},
        "verify": {"for": "release", "exit": 0, "gates": gates, "emulator": emulator(), "environment": env},
        "latency": {"reference": {}, "noisy": False, "notes": ["4 threads on 2 cores wait for each other"], "runs": runs, "environment": env},
        "parity": parity, "prediction": prediction(), "answers": exam(), "devices": {"R5CT1": phone()},
    })  # fmt: skip


def write(file: Path, report: dict) -> Path:
    file.write_text(json.dumps(report), "utf-8")
    return file


def one_asked(name: str, before: int | None, after: int | None, text: str = "") -> dict:
    def placed(rank: int | None) -> dict:
        return {"rank": rank, "ndcg@10": 1 / rank if rank else 0.0, "first": f"First of {name}"}

    return {"id": name, "text": text or f"What of {name}?", "expected": f"All of {name}", "base": placed(before),
            "shipped": placed(after)}  # fmt: skip


def asked(report: dict, sha256: str = "b" * 64, **ranks: int | None) -> dict:
    """The same with single questions: three of them, and what ships finds `ranks` of them elsewhere."""
    after = {"clocks": 1, "draws": 5, "byes": 2, **ranks}
    before = {"clocks": None, "draws": 2, "byes": 2}
    sample = {"question": "What of byes?", "expected": "All of byes", "title": "First of byes", "text": "It begins so…",
              "judged": False}  # fmt: skip
    questions = {"mode": "dense", "n": 3, "sha256": sha256,
                 "asked": [one_asked(name, before[name], rank) for name, rank in after.items()], "samples": [sample]}  # fmt: skip
    return {**report, "questions": questions}


def tune() -> dict:
    """What `tune` logged, in two evaluations."""
    history = [{"epoch": 0.5, "loss": 3.5}, {"epoch": 0.5, "eval_dev_cosine_ndcg@10": 0.61},
               {"epoch": 1.0, "loss": 2.5}, {"epoch": 1.0, "eval_dev_cosine_ndcg@10": 0.64}]  # fmt: skip
    return {"method": "lora", "side": "both", "dev_ndcg@10": {"base": 0.58, "tuned": 0.64}, "steps": 15, "kept_step": 6,
            "history": history}  # fmt: skip
