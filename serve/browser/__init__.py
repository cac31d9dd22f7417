"""The bundle in the browser, without Python: a folder that any static host can carry."""
