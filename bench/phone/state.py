"""What a device is and how it does.

Its build, cores, memory, heat and battery, as `adb shell` can read them without root.
"""

from __future__ import annotations

import re

from pocketrag.formats.facts.phone.device import Cores, Heat, PhoneFacts

from .adb import Adb, DeviceError

#: What LiteRT's programs are built for; in `ro.product.cpu.abilist`.
ABI = "arm64-v8a"
#: Android's thermal states (PowerManager.THERMAL_STATUS_*); from MODERATE on, the system throttles
#: noticeably.
THERMAL = ("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
MODERATE = 2
#: BatteryManager.BATTERY_STATUS_*.
CHARGE = {"2": "charging", "3": "discharging", "4": "not charging", "5": "full"}
#: Facts -> Android's properties; the first that is set counts (`ro.soc.*` came with Android 12).
PROPERTIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("manufacturer", ("ro.product.manufacturer",)),
    ("model", ("ro.product.model",)),
    ("soc", ("ro.soc.model", "ro.board.platform", "ro.hardware")),
    ("android", ("ro.build.version.release",)),
    ("api", ("ro.build.version.sdk",)),
    ("build", ("ro.build.fingerprint",)),
    ("abi", ("ro.product.cpu.abi",)),
)
#: `ro.hardware` of Android's emulators: the SDK's two, and Cuttlefish.
VIRTUAL = re.compile(r"^(goldfish|ranchu|cutf.*)$")
CPU = "/sys/devices/system/cpu"
#: More cores than any phone has.
MOST_CORES = 16


def describe(adb: Adb, serial: str) -> PhoneFacts:
    """Return the facts of a device that don't change while it measures.

    Raises:
        DeviceError: it can't run the benchmark, or the connection broke.

    """
    properties = adb.properties(serial)
    offered = properties.get("ro.product.cpu.abilist") or properties.get("ro.product.cpu.abi", "")
    if ABI not in offered.split(","):
        raise DeviceError(
            "abi",
            f"{serial}: its ABI is {offered or 'not named'}, and LiteRT's benchmark_model is for {ABI}.",
        )
    return PhoneFacts.model_validate(
        {
            **named(properties),
            "emulated": is_emulated(properties),
            "kernel": _read(adb, serial, "uname", "-r"),
            "memory_mb": _memory(adb, serial),
            "cores": cores(adb, serial),
        }
    )


def named(properties: dict[str, str]) -> dict[str, str | None]:
    """Return what Android's properties say of a device, by the names of facts."""
    return {
        name: next((properties[key] for key in keys if properties.get(key)), None)
        for name, keys in PROPERTIES
    }


def is_emulated(properties: dict[str, str]) -> bool:
    """Say whether it is Android's emulator, whose times say nothing about a phone."""
    named = "1" in (properties.get("ro.kernel.qemu"), properties.get("ro.boot.qemu"))
    return named or bool(VIRTUAL.match(properties.get("ro.hardware", "")))


def name(serial: str, phone: PhoneFacts) -> str:
    """Return how people call it, with its serial."""
    words = [word for word in (phone.manufacturer, phone.model) if word]
    return f"{' '.join(words)} ({serial})" if words else serial


def cores(adb: Adb, serial: str) -> Cores:
    """Return which cores a program of adb's shell may use, and every core's highest frequency, MHz.

    Nothing is pinned, as in an app: which of them the threads ran on, the scheduler decides and nobody
    prints.
    """
    allowed = re.search(
        r"^Cpus_allowed_list:\s*(\S+)", _read(adb, serial, "cat", "/proc/self/status") or "", re.MULTILINE
    )
    files = [f"{CPU}/cpu{n}/cpufreq/cpuinfo_max_freq" for n in range(MOST_CORES)]
    # grep ends with 2 where some are missing, and prints the others all the same.
    printed = adb.shell(serial, ["grep", "-H", "", *files]).output
    found = {
        core: int(khz) // 1000
        for core, khz in re.findall(r"/cpu(\d+)/cpufreq/cpuinfo_max_freq:(\d+)", printed)
    }
    return Cores(allowed=allowed[1] if allowed else None, max_mhz=found, pinned=False)


def heat(adb: Adb, serial: str) -> Heat:
    """Return the thermal status (0 to 6, None before Android 10) and the battery's state.

    `dumpsys thermalservice` says `Thermal Status: N` (ThermalManagerService.dump); `dumpsys battery` has
    `key: value` lines, its temperature in tenths of a degree Celsius (BatteryService).
    """
    status = re.search(
        r"^\s*Thermal Status: (\d+)", _read(adb, serial, "dumpsys", "thermalservice") or "", re.MULTILINE
    )
    battery = dict(
        re.findall(r"^\s+([\w ]+): (\S+)$", _read(adb, serial, "dumpsys", "battery") or "", re.MULTILINE)
    )
    tenths = battery.get("temperature", "")
    return Heat(
        thermal_status=int(status[1]) if status else None,
        battery_celsius=int(tenths) / 10 if tenths.lstrip("-").isdigit() else None,
        battery_percent=int(battery["level"]) if battery.get("level", "").isdigit() else None,
        battery=CHARGE.get(battery.get("status", "")),
        plugged=tuple(
            sorted(
                key.removesuffix(" powered")
                for key, value in battery.items()
                if key.endswith(" powered") and value == "true"
            )
        ),
    )


def thermal(status: int | None) -> str:
    """Return a thermal status in words."""
    if status is None:
        return "unknown"
    return f"{status} ({THERMAL[status]})" if 0 <= status < len(THERMAL) else str(status)


def _memory(adb: Adb, serial: str) -> int | None:
    found = re.search(
        r"^MemTotal:\s+(\d+) kB", _read(adb, serial, "cat", "/proc/meminfo") or "", re.MULTILINE
    )
    return round(int(found[1]) * 1024 / 1e6) if found else None


def _read(adb: Adb, serial: str, *arguments: str) -> str | None:
    ran = adb.shell(serial, arguments)
    return ran.output.strip() if ran.status == 0 else None
