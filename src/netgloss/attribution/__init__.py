"""Tensors in, tensors out: how much each input pixel moves one class's score."""
