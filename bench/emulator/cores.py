"""The emulated cores, and what a program that runs on one of them reads about it.

qemu-user passes the host's `/proc/cpuinfo` (7.2 does, 10.0 no more) and `/sys/devices/system/cpu` to the
guest. cpuinfo, by which XNNPACK knows its machine, then reads of an x86 machine: it counts no L2 cache, finds
one in `/sys` all the same, and writes it through a NULL pointer (pytorch/cpuinfo, pull request 418). That is
why ai-edge-litert 2.2.0 and 2.3.0 died with SIGSEGV as soon as they opened a model. qemu looks below `-L`
first, so every core brings both files along.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

#: A cluster of two, whatever the host has: the guest computes in one thread, and the files are the same on
#: every host.
CORES_SEEN = 2


@dataclass(frozen=True)
class Core:
    """One emulated core."""

    name: str
    """As qemu's `-cpu` takes it; behind a space, how LiteRT is asked to compute there."""
    decides: bool
    """Whether its vectors decide a gate, or are shown only."""
    kernels: str
    """The extensions that LiteRT finds there, which choose its kernels."""
    implementer: int
    variant: int
    part: int
    revision: int
    features: str
    """`Features` of `/proc/cpuinfo`."""
    half: bool = False
    """Whether XNNPACK is told to compute in fp16 (`xnnpack_flags`), which these cores can."""

    @property
    def cpu(self) -> str:
        """What qemu's `-cpu` takes."""
        return self.name.split(" ")[0]

    @property
    def folder(self) -> str:
        """The name of its folder."""
        return self.name.replace(",", "-").replace("=", "-").replace(" ", "-")


_A76 = "fp asimd aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp"
_MAX = f"{_A76} jscvt fcma sha3 sm3 sm4 sha512 sve asimdfhm sve2 svei8mm svebf16 i8mm bf16"
#: Ids and features are those that qemu 10 itself shows in `/proc/cpuinfo`. A Cortex-A76 has what phones'
#: cores have since 2019. `max` has more than most phones: its SME is wrong in qemu 7.2 (SMOPA on int8 mixes
#: up rows, qemu's issue 2083; right in qemu 10), so it can't decide; without SME it stands for the cores
#: since 2022 (i8mm, SVE2).
CORES = (
    Core("cortex-a76", True, "NEON, dot product", 0x41, 4, 0xD0B, 1, _A76),
    Core("cortex-a76 fp16", False, "NEON, dot product, fp16 arithmetic", 0x41, 4, 0xD0B, 1, _A76, half=True),
    Core("max,sme=off", False, "NEON, dot product, i8mm, SVE2", 0, 0, 0x51, 0, _MAX),
    Core("max", False, "NEON, dot product, i8mm, SVE2, SME", 0, 0, 0x51, 0, f"{_MAX} sme"),
)
#: Private L2 of a Cortex-A76 (Arm's reference manual: 128 to 512 KB); its frequency in the first phones, kHz.
L2, KILOHERTZ = "512K", 2600000


def furnish(root: Path, core: Core) -> Path:
    """Make the folder for qemu's `-L`.

    Links to all in `root / "root"`, and `/proc` and `/sys` of this core; return it.
    """
    folder = root / "cpus" / core.folder
    folder.mkdir(parents=True)
    for entry in sorted((root / "root").iterdir()):
        if entry.name not in ("proc", "sys"):
            (folder / entry.name).symlink_to(Path("..", "..", "root", entry.name))
    for name, content in _shown(core).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{content}\n", "utf-8")
    return folder


def _shown(core: Core) -> dict[str, str]:
    every = "\n\n".join(_cpuinfo(core, n) for n in range(CORES_SEEN))
    cpus, last = "sys/devices/system/cpu", CORES_SEEN - 1
    files = {"proc/cpuinfo": f"{every}\n", f"{cpus}/kernel_max": str(last)}
    files |= {f"{cpus}/{name}": f"0-{last}" for name in ("possible", "present", "online")}
    for n in range(CORES_SEEN):
        files |= {f"{cpus}/cpu{n}/{name}": content for name, content in _one(n).items()}
    return files


def _one(n: int) -> dict[str, str]:
    return {
        "cpufreq/cpuinfo_max_freq": str(KILOHERTZ),
        "cpufreq/cpuinfo_min_freq": str(KILOHERTZ),
        "topology/physical_package_id": "0",
        "topology/cluster_cpus_list": f"0-{CORES_SEEN - 1}",
        "topology/core_siblings_list": f"0-{CORES_SEEN - 1}",
        "cache/index2/level": "2",
        "cache/index2/size": L2,
        "cache/index2/shared_cpu_list": str(n),
    }


def _cpuinfo(core: Core, n: int) -> str:
    rows = {
        "processor": n,
        "BogoMIPS": "100.00",
        "Features": core.features,
        "CPU implementer": f"0x{core.implementer:02x}",
        "CPU architecture": 8,
        "CPU variant": f"0x{core.variant:x}",
        "CPU part": f"0x{core.part:03x}",
        "CPU revision": core.revision,
    }
    return "\n".join(f"{name}\t: {value}" for name, value in rows.items())
