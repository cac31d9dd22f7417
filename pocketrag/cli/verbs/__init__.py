"""The verbs as data: name, where the work is done, what it is for, and its options.

Nothing here imports the work.
"""

from __future__ import annotations

from .begin import BEGIN
from .delivery import DELIVERY
from .measuring import MEASURING
from .stage_verbs import STAGES

__all__ = ["VERBS"]

#: In the order in which `pocketrag --help` lists them.
VERBS = (*BEGIN, *STAGES, *MEASURING, *DELIVERY)
