"""What a prediction stands on: the model's cost, the phones, what was published, the roofline between them."""
