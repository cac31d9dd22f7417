"""What libraries say to their own developers is silenced by name, and nothing else is."""

import subprocess
import sys

#: What a converter's process does, without its minutes: logs and warnings as the libraries make them.
SAID = """
import logging, warnings
from pocketrag.console import silence
silence()
for name in ("torchao", "torch.utils._pytree", "torch"):
    logging.getLogger(name).warning("news of " + name)
logging.getLogger("torchao").error("broken")
warnings.warn("`isinstance(treespec, LeafSpec)` is deprecated, use this", FutureWarning)
warnings.warn("another is deprecated", FutureWarning)
"""


def test_news_is_silenced_and_errors_and_other_warnings_stay():
    done = subprocess.run([sys.executable, "-c", SAID], capture_output=True, text=True, timeout=60)
    found = done.stderr
    assert done.returncode == 0, found
    assert "news of torchao" not in found and "news of torch.utils._pytree" not in found
    assert "FutureWarning: `isinstance(treespec" not in found
    assert all(words in found for words in ("news of torch", "broken", "another is deprecated"))


def test_the_converter_s_own_process_is_silent_too():
    code = """
import json, sys
from pocketrag.export.model import lower
import warnings
sys.argv[1:] = [json.dumps([lower.__name__, "x.tflite", ["nowhere", [8], "x.tflite", None]])]
lower.convert = lambda *_: warnings.warn("`isinstance(treespec, LeafSpec)` is deprecated", FutureWarning) or 4
lower.main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == '{"dims": 4}\n' and "LeafSpec" not in done.stderr
