"""The verbs that make one stage of a recipe; a module a verb, named as it is."""
