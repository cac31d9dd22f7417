"""Showing a bundle: in a browser of this machine, or in any browser without Python."""
