"""Device groups: what Play tells phones apart by, RAM or system on a chip, and its file of them.

Format: developer.android.com/google/play/device-targeting. A phone gets what is for the first group that it
fits; all folders of an app that are for groups must know the same ones (bundletool,
DeviceGroupParityValidator).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

#: The group of every phone that is in no other
#: (developer.android.com/guide/playcore/asset-delivery/device-targeting).
OTHER = "other"
#: How phones spell the maker of Qualcomm's chips; as LiteRT's own exporter asks for both
#: (ai_edge_litert/aot/ai_pack/export_lib.py).
MAKERS = ("Qualcomm", "QTI")

#: Group -> its selectors as XML, in the order in which phones are held to them.
Groups = dict[str, tuple[str, ...]]


def by_ram(least: Mapping[str, int]) -> Groups:
    """Return groups of group -> least bytes of RAM, rising.

    Each from its own RAM (inclusive) to the next one's (exclusive), so that no phone is in two.
    """
    bounds = pairwise([*least.values(), None])
    return {group: (_ram(*bound),) for group, bound in zip(least, bounds, strict=True)}


def by_soc(socs: Iterable[str]) -> Groups:
    """Return a group for each system on a chip, such as SM8750."""
    return {soc_group(soc): tuple(_soc(maker, soc) for maker in MAKERS) for soc in sorted(socs)}


def soc_group(soc: str) -> str:
    """Return the name of a SoC's group, as LiteRT's own exporter gives it."""
    return f"{MAKERS[0]}_{soc}"


def targeting(groups: Groups) -> str:
    """Return the file that tells Play of groups."""
    rows = ['<config:device-targeting-config xmlns:config="http://schemas.android.com/apk/config">']
    for group, selectors in groups.items():
        rows += [f'    <config:device-group name="{group}">', *selectors, "    </config:device-group>"]
    return "\n".join([*rows, "</config:device-targeting-config>", ""])


def _ram(least: int | None, following: int | None) -> str:
    below = f' ram-max-bytes="{following}"' if following else ""
    return f'        <config:device-selector ram-min-bytes="{least}"{below} />'


def _soc(maker: str, soc: str) -> str:
    return (
        "        <config:device-selector>\n"
        f'            <config:system-on-chip manufacturer="{maker}" model="{soc}" />\n'
        "        </config:device-selector>"
    )
