"""Stages: what a build is made of, in which order, from what, and when a part of it has to be made again."""
