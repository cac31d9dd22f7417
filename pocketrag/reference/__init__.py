"""The float model that every loss is measured against, and the measures.

PyTorch is imported when it is used.
"""
