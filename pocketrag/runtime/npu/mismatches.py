"""Is each NPU file what `npu.json` says: its signatures, one partition each, and contexts for its system?"""

from __future__ import annotations

from collections.abc import Iterator

from pocketrag.formats.npu import NpuSpec

from .compiled_file import CompiledFile, target_of


def wrong_with(soc: str, compiled: CompiledFile, spec: NpuSpec, dims: int) -> Iterator[str]:
    """Yield what is wrong with one file, as far as that can be said.

    Raises:
        InputError: a context lies beyond the file's end.

    """
    names = [one.name for one in compiled.signatures]
    if names != list(spec.files[soc].signatures):
        yield f"{soc}: its signatures are {', '.join(names)}"
        return
    for one, length in zip(compiled.signatures, spec.lengths, strict=True):
        if one.on_cpu or one.partitions != 1:
            left = f"{one.partitions} partitions and {len(one.on_cpu)} operations left to the CPU"
            yield f"{soc}: {one.name} comes to {left}"
            return
        ports = [(port.shape, port.kind) for port in (*one.given, *one.made)]
        if ports != [((1, length), "int32"), ((1, dims), "float32")]:
            yield f"{soc}: {one.name} has inputs and outputs {ports}"
        target = target_of(compiled.context(one))
        said = (target.soc, target.hexagon) if target else None
        if said != (soc, spec.files[soc].hexagon) or compiled.soc != soc:
            whose = f"{said[0]}, Hexagon {said[1]}" if said else "no one system"
            yield f"{soc}: the context of {one.name} is for {whose}, its file for {compiled.soc or 'none'}"
