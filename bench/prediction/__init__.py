"""What a prediction stands on: the model's cost, phones, published times, and the roofline between them."""
