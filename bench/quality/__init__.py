"""How well models find the judged passages, and what that decides."""
