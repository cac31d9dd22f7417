"""A bundle in a page: the local server, and the folder that needs no server of ours."""
