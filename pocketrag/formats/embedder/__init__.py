"""What an embedder is, on disk and on the phone, and what each stage can do with one."""
