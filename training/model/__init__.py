"""What is trained and how: adapters, trainers, scores on the development questions."""
