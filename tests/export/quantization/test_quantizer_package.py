"""The quantizer under both of its names."""

import sys
from importlib import metadata, util

import pytest
from pocketrag.export.quantization import quantizer_package
from pocketrag.export.quantization.quantizer_package import installed, quantizer_module, versions


def test_the_pinned_one_is_taken():
    assert installed() == "ai-edge-quantizer"
    assert quantizer_module("quantizer").__name__ == "ai_edge_quantizer.quantizer"
    assert versions(("numpy",)) == {name: metadata.version(name) for name in ("ai-edge-quantizer", "numpy")}


def test_the_new_name_is_taken_where_the_old_one_is_not_installed(tmp_path, monkeypatch):
    package = tmp_path / "litert_quantizer"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "recipe.py").write_text("NAME = 'new'\n")
    info = tmp_path / "litert_quantizer-0.11.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: litert-quantizer\nVersion: 0.11.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(
        quantizer_package, "find_spec", lambda name: name != "ai_edge_quantizer" and util.find_spec(name)
    )
    try:
        assert quantizer_module("recipe").NAME == "new"
        assert versions(()) == {"litert-quantizer": "0.11.0"}
    finally:
        for name in [name for name in sys.modules if name.startswith("litert_quantizer")]:
            del sys.modules[name]


def test_neither_is_a_missing_module_by_the_name_that_is_pinned(monkeypatch):
    monkeypatch.setattr(quantizer_package, "find_spec", lambda _: None)
    for name in ("ai_edge_quantizer", "ai_edge_quantizer.quantizer"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModuleNotFoundError, match="ai_edge_quantizer"):
        quantizer_module("quantizer")
