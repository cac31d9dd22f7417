"""Phones as a roofline sees them: the cores that run, what they multiply a cycle, and how fast memory is.

Instructions a cycle: Arm's software optimization guides, table "ASIMD integer instructions" (SDOT, SMMLA) and
"ASIMD floating-point" (FMLA); LLVM's scheduling models where no guide was at hand. One SDOT on 128 bits is 16
multiply-accumulates of int8, one SMMLA 32, one FMLA 4 of float32. Clocks are the highest that the maker
states: a phone that is warm runs lower.
"""

from __future__ import annotations

from dataclasses import dataclass

SDOT, SMMLA, FMLA = 16, 32, 4


@dataclass(frozen=True)
class Core:
    """A kind of core: 128-bit vector instructions a cycle."""

    name: str
    sdot: float
    fmla: float
    smmla: float = 0
    """0 without the i8mm extension."""


# Their guides were not at hand. In LLVM's models of the server siblings SDOT (in the first by default) and
# FMLA go to both vector pipes of N1, the A76's (AArch64SchedNeoverseN1.td), and to all four of V1, the X1's
# (AArch64SchedNeoverseV1.td); the A78 is taken as the A76. No i8mm.
A76, A78, X1 = Core("Cortex-A76", 2, 2), Core("Cortex-A78", 2, 2), Core("Cortex-X1", 4, 4)
# LLVM AArch64SchedA55.td: a 128-bit SDOT holds both 64-bit pipes (CortexA55WriteDotVq_4), so does an FMLA. No
# i8mm.
A55 = Core("Cortex-A55", 1, 1)
# LLVM AArch64SchedNeoverseN2.td, the A710's sibling: SDOT, SMMLA and FMLA on both V pipes. The A715's guide
# was not at hand; it has the A720's two pipes.
A710, A715 = Core("Cortex-A710", 2, 2, 2), Core("Cortex-A715", 2, 2, 2)
# Guide 109720, issue 7, tables 3-15 and 3-16: SDOT 2, SMMLA 2, FMLA 2.
A720 = Core("Cortex-A720", 2, 2, 2)
# Guide 109898 of Neoverse V2, the X3's sibling: SDOT 4; LLVM AArch64SchedNeoverseV2.td: SMMLA and FMLA on all
# four pipes too.
X3 = Core("Cortex-X3", 4, 4, 4)
# Guide PJDOC-1505342170-538636, tables 3-15 and 3-16: SDOT 4, SMMLA 4, FMLA 4.
X4 = Core("Cortex-X4", 4, 4, 4)
# LLVM AArch64SchedOryon.td, the first Oryon: SDOT and FMLA on 4 pipes, SMMLA "4,2" (latency, throughput), so
# i8mm wins nothing. The second Oryon, in this phone, is not described anywhere that was found; taken as equal
# a clock.
ORYON = Core("Oryon", 4, 4, 2)
# The small Armv9 cores share a vector unit by two. Not among the four fastest cores of any phone here, so
# these figures matter only for more than four threads; not looked up.
A510, A520 = Core("Cortex-A510", 1, 1, 1), Core("Cortex-A520", 1, 1, 1)


@dataclass(frozen=True)
class Device:
    """A phone with one SoC."""

    name: str
    soc: str
    clusters: tuple[tuple[int, Core, float], ...]
    """How many, which, GHz."""
    bandwidth: float
    """Of main memory, GB/s."""

    def cores(self, threads: int) -> list[tuple[Core, float]]:
        """Return the fastest cores with their GHz, one a thread, or all of them."""
        each = [(core, clock) for count, core, clock in self.clusters for _ in range(count)]
        return sorted(each, key=lambda one: -one[0].sdot * one[1])[:threads]

    def int8(self, threads: int) -> float:
        """Return 10^9 multiply-accumulates of int8 a second by SDOT, at most."""
        return sum(core.sdot * SDOT * clock for core, clock in self.cores(threads))

    def float32(self, threads: int) -> float:
        """Return 10^9 multiply-accumulates of float32 a second by FMLA, at most."""
        return sum(core.fmla * FMLA * clock for core, clock in self.cores(threads))

    @property
    def i8mm(self) -> bool:
        """Whether its fastest core has SMMLA."""
        return self.cores(1)[0][0].smmla > 0


# Bandwidth is transfers a second times the bus: LPDDR5-6400, LPDDR5X-8400/8533/9600/10600 and LPDDR4X-4266,
# of 64 bits in flagships. The bus widths are the usual ones; no maker's page that states them was found.
DEVICES = (
    # Clocks: XDA's reading of /proc/cpuinfo, by Pocketnow and Notebookcheck, September and October 2021.
    # LPDDR5.
    Device("Pixel 6", "Google Tensor", ((2, X1, 2.80), (2, A76, 2.25), (4, A55, 1.80)), 51.2),
    # Clocks of G3 and G4: Android Authority's table of the Tensor G4. LPDDR5X; its grade was not found, 8533
    # is assumed.
    Device("Pixel 8", "Google Tensor G3", ((1, X3, 2.91), (4, A715, 2.37), (4, A510, 1.70)), 68.3),
    Device("Pixel 9", "Google Tensor G4", ((1, X4, 3.1), (3, A720, 2.6), (4, A520, 1.92)), 68.3),
    # 3.36 GHz is the Galaxy's own bin (Samsung's figures at launch, by Research Snipers), the rest as in
    # every 8 Gen 2. 4200 MHz.
    Device(
        "Galaxy S23",
        "Snapdragon 8 Gen 2",
        ((1, X3, 3.36), (2, A715, 2.8), (2, A710, 2.8), (3, A510, 2.0)),
        67.2,
    ),
    # S24 Ultra everywhere, S24 in the USA, China and Korea: GSMArena's table of both SoCs. 4800 MHz.
    Device(
        "Galaxy S24",
        "Snapdragon 8 Gen 3",
        ((1, X4, 3.39), (3, A720, 3.1), (2, A720, 2.9), (2, A520, 2.2)),
        76.8,
    ),
    # S24 elsewhere. LPDDR5X of "8.5 Gbps".
    Device(
        "Galaxy S24", "Exynos 2400", ((1, X4, 3.2), (2, A720, 2.9), (3, A720, 2.6), (4, A520, 1.95)), 68.3
    ),
    # 4.47 GHz: the Galaxy's own bin (Notebookcheck); 3.53 GHz and 5300 MHz: Qualcomm at launch (XDA, Expert
    # Reviews).
    Device("Galaxy S25", "Snapdragon 8 Elite", ((2, ORYON, 4.47), (6, ORYON, 3.53)), 84.8),
    Device("Galaxy S25 Ultra", "Snapdragon 8 Elite", ((2, ORYON, 4.47), (6, ORYON, 3.53)), 84.8),
    # Clocks: Notebookcheck and Tweakers, April 2022. LPDDR4X; a bus of 32 bits is assumed, usual at this
    # price.
    Device("Galaxy A33", "Exynos 1280", ((2, A78, 2.4), (6, A55, 2.0)), 17.1),
)
