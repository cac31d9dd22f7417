"""What lies on disk: the files of stages, bundles and reports, and how each is read and written."""
