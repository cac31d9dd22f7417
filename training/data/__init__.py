"""Which questions train, choose and judge, and the negatives that are mined for them."""
