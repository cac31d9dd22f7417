"""Our database beside others: every index finds what is near, and what it costs is told in one table."""

import importlib.util
import json
import subprocess
import sys

import pytest
from pocketrag.bench.peers.indexes import PEERS

HERE = [name for name, peer in PEERS.items() if not peer.package or importlib.util.find_spec(peer.module)]
ABSENT = [name for name in PEERS if name not in HERE]


def compare(*arguments):
    command = [
        sys.executable,
        "-m",
        "pocketrag.bench.peers.compare",
        "--questions",
        "30",
        "--dims",
        "64",
        *arguments,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_each_finds_the_nearest_and_its_line_is_whole(tmp_path):
    done = compare("--passages", "400", "--only", *HERE, "--out", str(tmp_path / "found.json"))
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "found.json").read_text("utf-8"))
    assert [row["name"] for row in rows] == HERE and len(HERE) >= 2
    for row in rows:
        peer = PEERS[row["name"]]
        assert (
            list(row["dense"]) == list(peer.settings)
            and row["bytes"] > 400 * 64
            and row["build_s"] > 0 < row["open_s"]
        )
        assert all(
            one["recall@10"]["n"] == 30 and one["recall@10"]["mean"] > 0.8 for one in row["dense"].values()
        )
        assert ("hybrid" in row) == peer.hybrid
        assert not peer.hybrid or row["hybrid"]["own@10"]["mean"] > 0.5
        assert bool(row["version"]) == bool(peer.package)
        assert row["name"] in done.stdout
    ours = rows[0]["dense"][""]["recall@10"]["mean"]
    assert ours > 0.95, "all are compared by int8 products"


@pytest.mark.skipif(not ABSENT, reason="all packages of the extra `peers` are installed")
def test_what_is_not_installed_is_named():
    done = compare("--passages", "400", "--only", *ABSENT)
    assert done.returncode == 2 and "pocketrag[peers]" in done.stderr
    assert all(PEERS[name].package in done.stderr for name in ABSENT)
