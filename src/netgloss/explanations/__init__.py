"""Explanations in words: of one decision, and of a class (thesis, sections 3.1, 3.5 and 5.2)."""
