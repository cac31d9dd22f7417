"""What compiles for Qualcomm's NPUs, from two packages: LiteRT's compiler plugin, Qualcomm's libraries."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.runtime.npu.emulate import INSTALL, obstacle

#: Qualcomm's libraries that the plugin opens, and the least bytes of a whole one: a package that downloads
#: its contents may install without them, and pip reports success.
LIBRARIES = ("libQnnHtp.so", "libQnnSystem.so")
LEAST_BYTES = 100_000
#: LiteRT's program, and the folder of its plugin.
PROGRAM, PLUGIN = "tools/apply_plugin_main", "vendors/qualcomm/compiler"
PLUGIN_FILE = "libLiteRtCompilerPlugin_Qualcomm.so"


@dataclass(frozen=True)
class Toolchain:
    """Where the parts lie."""

    program: Path
    plugin: Path
    """Folder of LiteRT's plugin."""
    qualcomm: Path
    """Folder of Qualcomm's libraries."""

    @property
    def libraries(self) -> tuple[Path, ...]:
        """Where the loader looks, in order."""
        return self.qualcomm, self.program.parent.parent, self.plugin


def find_toolchain() -> Toolchain:
    """Return the parts.

    Raises:
        InputError: this system or Python has none, a package is missing, or one was installed without its
            contents.

    """
    if why := obstacle():
        raise InputError(f"`export.npu`: nothing can be compiled here: {why}.")
    import ai_edge_litert
    import onnxruntime_qnn

    litert, qualcomm = Path(ai_edge_litert.__path__[0]), Path(onnxruntime_qnn.get_library_path()).parent
    found = Toolchain(litert / PROGRAM, litert / PLUGIN, qualcomm)
    for package, file in (
        ("ai-edge-litert", found.program),
        ("ai-edge-litert", found.plugin / PLUGIN_FILE),
        *(("onnxruntime-qnn", qualcomm / name) for name in LIBRARIES),
    ):
        if not file.is_file() or file.stat().st_size < LEAST_BYTES:
            raise InputError(
                f"`export.npu`: {package} is installed, but its {file.name} is missing or empty: the package "
                f"came without its contents. Install it again: {INSTALL} --force-reinstall --no-cache-dir"
            )
    return found


def versions(qairt: str) -> dict[str, str]:
    """Return the versions of what decides a file's bytes; `qairt` is what a context says of its compiler."""
    packages = ("ai-edge-litert", "onnxruntime-qnn")
    return {**{name: metadata.version(name) for name in packages}, "qairt": qairt}
