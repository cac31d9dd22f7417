"""All keys of a recipe: what each is for, mistakes in words, the reference."""
