"""Our database beside other embedded indexes, in one run: docs/peers.md."""
