"""Hand a plan to the quantizer of LiteRT, and check in its file that every matrix was stored as planned."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.errors import GateError
from pocketrag.recipe.quantization import Store

from .folded_norms import is_folded
from .matrices import Site, find_matrices, read, replace, stored
from .plan import Plan
from .quantizer_package import quantizer_module

#: Our algorithms in the quantizer's words. Calibrated matrices lie on their grid already: told the range of
#: each block, min-max gives them back. (Its own dequantized_weight_recovery guesses scales from gaps between
#: levels, and is silently off in blocks where no two levels are neighbours.)
KEYS = {"minmax": "min_max_uniform_quantize", "octav": "OCTAV", "gptq": "min_max_uniform_quantize"}
#: A planned matrix against the stored one, relative to its largest weight: what float32 sums may differ by.
ROUNDING = 1e-6


def quantize_file(source: Path, target: Path, originals: dict[str, np.ndarray], plan: Plan) -> None:
    """Write the float `source` quantized as planned.

    Args:
        source: float32 `.tflite`.
        target: must not exist.
        originals: module name -> the encoder's matrix float32 [out, in], by which it is found in `source`.
        plan: how each is stored.

    Raises:
        GateError: a matrix is not in the file, or was stored otherwise than planned.

    """
    sites = find_matrices(source, originals)
    there = stored(source, sites)
    for name in plan.values:
        if not is_folded(originals[name], plan.folded.get(name, np.ones(1, np.float32)), there[name]):
            raise GateError(f"{source.name}: {name} is another matrix than the one that was calibrated.")
    calibrated = target.with_name("calibrated.tflite")
    replace(source, calibrated, sites, plan.values)
    if rows := [row for name, store in plan.stores.items() for row in _rows(sites[name], store)]:
        worker = quantizer_module("quantizer").Quantizer(str(calibrated))
        worker.load_quantization_recipe(rows)
        worker.quantize(
            _ranges(sites, plan) or None, enable_progress_bar=False, enable_progress_report=False
        ).export_model(str(target))
        calibrated.unlink()
    else:
        calibrated.rename(target)
    _check(target, sites, there, plan)


def _ranges(sites: dict[str, list[Site]], plan: Plan) -> dict[str, MutableMapping[str, np.ndarray]]:
    ranges = {name: scale * (2 ** (plan.stores[name].bits - 1) - 1) for name, scale in plan.scales.items()}
    return {site.tensor: {"min": -top, "max": top} for name, top in ranges.items() for site in sites[name]}


def _rows(sites: list[Site], store: Store) -> list[dict[str, Any]]:
    scopes = {(site.scope, site.operation) for site in sites} if store.bits < 32 else set()
    return [_row(scope, operation, store) for scope, operation in sorted(scopes)]


def _row(scope: str, operation: str, store: Store) -> dict[str, Any]:
    return {
        "regex": f"^{re.escape(scope)}$",
        "operation": operation,
        "algorithm_key": KEYS[store.algorithm],
        "op_config": {
            "weight_tensor_config": {
                "num_bits": store.bits,
                "symmetric": True,
                "granularity": f"BLOCKWISE_{store.block}" if store.block else "CHANNELWISE",
                "dtype": "INT",
            },
            "compute_precision": "INTEGER",
            "explicit_dequantize": False,
            "skip_checks": False,
            "min_weight_elements": 0,
        },
    }


def _check(file: Path, sites: dict[str, list[Site]], before: dict[str, np.ndarray], plan: Plan) -> None:
    # Some recipes of the quantizer match nothing and say nothing (its dynamic_wi8b32 does): read back what
    # the file holds.
    names = {site.scope: name for name, found in sites.items() for site in found}
    seen: set[str] = set()
    for scope, kind, values in read(file, names):
        seen.add(name := names[scope])
        _matches(file, name, plan, kind, values, before[name])
    if missing := set(sites) - seen:
        raise GateError(f"{file.name}: the quantizer lost {sorted(missing)[0]} ({len(missing)} matrices).")


def _matches(file: Path, name: str, plan: Plan, kind: str, values: np.ndarray, original: np.ndarray) -> None:
    store = plan.stores[name]
    wanted = "float32" if store.bits == 32 else f"int{store.bits}"
    if kind != wanted:
        raise GateError(
            f"{file.name}: {name} is stored as {kind}, not as {wanted}: the quantizer did not "
            "do what was asked."
        )
    planned = plan.values.get(name, original)
    limit = ROUNDING if name in plan.values or store.bits == 32 else 1.0 / 2 ** (store.bits - 2)
    error = float(np.abs(values - planned).max() / max(1e-30, np.abs(planned).max()))
    if not error <= limit:
        raise GateError(
            f"{file.name}: {name} is stored {error:.2e} away from what was planned (limit {limit:.0e})."
        )
