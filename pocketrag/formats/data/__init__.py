"""Passages, questions and judgements as files: BEIR's layout, TREC's judgements, all faults at once."""
