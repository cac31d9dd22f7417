"""What answers from what search finds: the prompt."""
