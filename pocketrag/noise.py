"""Lines of libraries that say nothing to whoever runs a verb: named one by one, everything else is shown."""

from __future__ import annotations

import logging
import os
import warnings

#: Kernels for other machines, and news for its own developers. Errors stay.
LOGGERS = ("bitsandbytes", "torchao", "torch.utils._pytree")
#: torch's own copies of its tree specifications call what torch has deprecated.
DEPRECATED = r"`isinstance\(treespec, LeafSpec\)` is deprecated"


def silence() -> None:
    """Silence them in this process, unless POCKETRAG_DEBUG is set; call it before torch is imported."""
    if os.environ.get("POCKETRAG_DEBUG"):
        return
    warnings.filterwarnings("ignore", DEPRECATED, FutureWarning)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)
