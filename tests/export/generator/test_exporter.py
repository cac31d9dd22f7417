"""The exporter is imported without tensorflow, and nothing of that stays."""

import subprocess
import sys

from pocketrag.export.generator.exporter import TENSORFLOW, tensorflow_schema


def test_the_schema_is_there_for_a_while():
    with tensorflow_schema():
        from tensorflow.lite.python import schema_py_generated

        assert hasattr(schema_py_generated, "Model")
    assert not {name for name in sys.modules if name.startswith("tensorflow")}


def test_it_goes_after_an_error_too():
    try:
        with tensorflow_schema():
            raise KeyError
    except KeyError:
        pass
    assert not {name for name in TENSORFLOW if name in sys.modules}


def test_a_tensorflow_that_is_there_stays(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", sys)
    with tensorflow_schema():
        assert sys.modules["tensorflow"] is sys
    assert sys.modules["tensorflow"] is sys


def test_the_modules_are_not_imported_with_the_package():
    code = "import sys, pocketrag.export.generator.pack as _; print(any(n.startswith('litert_') for n in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
