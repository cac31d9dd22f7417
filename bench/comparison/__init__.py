"""What ships and its float reference side by side: the same texts embedded, padded, tokenized and ranked."""
