"""Answers: what people said, in one format, from and to many."""
