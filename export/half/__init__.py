"""An encoder whose arithmetic stays inside fp16: powers of two found on texts and checked on others."""
