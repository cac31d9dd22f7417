"""Which tokens a trimmed vocabulary keeps, and the folder that is written with them."""
