"""HTML pages: what of them is seen, and where one text ends and the next begins."""
