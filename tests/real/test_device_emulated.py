"""The device gates on scripted phones whose `benchmark_model` computes on emulated ARM: what a phone's own kernels give, but for time."""

import pytest
from pocketrag.bench.emulator.contents import LITERT, find_root
from pocketrag.bench.emulator.cores import CORES
from pocketrag.bench.phone.adb import Adb

from pocketrag.errors import InputError
from pocketrag.formats.golden import read_golden
from pocketrag.formats.manifest import read_manifest
from tests.bench.damage import corrupt_attention
from tests.bench.gates.test_device import gates, outcomes, some
from tests.bench.phone.scripted_adb import SERIAL, install

pytestmark = pytest.mark.real


@pytest.mark.parametrize("damage", [None, corrupt_attention])
def test_a_phone_of_arm_kernels(tiny_bundle, tmp_path, monkeypatch, damage):
    try:
        root = find_root(LITERT)
    except InputError as error:
        pytest.skip(str(error))
    core = next(core for core in CORES if core.decides)
    guest = ["env", *(f"{name}={value}" for name, value in root.environment.items()), *root.command(core)]
    binary = install(tmp_path, monkeypatch, python=guest)
    manifest, golden = read_manifest(tiny_bundle), some(read_golden(tiny_bundle / "golden.json"))
    # Neither is a phone's.
    limits = manifest.limits.model_copy(update={"latency_ms": 1e6, "memory_megabytes": 1e6})
    if damage:
        damage(tiny_bundle)
    found, facts = gates(
        tiny_bundle,
        manifest.model_copy(update={"limits": limits}),
        golden,
        SERIAL,
        binary,
        Adb(patience=50.0),
    )
    assert outcomes(found)["device_parity"] == ("fail" if damage else "pass"), found
    if not damage:
        assert facts["devices"][0]["parity"]["n"] == 4
