"""What each verb and each stage finds out, as pydantic models.

`--json`, reports and pages are views of them.
"""
