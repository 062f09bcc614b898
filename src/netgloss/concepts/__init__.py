"""Concepts: the image-by-concept table and every analysis of it."""
