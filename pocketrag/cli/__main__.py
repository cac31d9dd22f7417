"""`python -m pocketrag.cli`, as a launcher such as `accelerate launch -m` needs it."""

from __future__ import annotations

import sys

from .main import main

if __name__ == "__main__":
    sys.exit(main())
