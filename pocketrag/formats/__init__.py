"""What lies on disk: the files that stages, bundles and reports are made of, and how each is read and written."""
