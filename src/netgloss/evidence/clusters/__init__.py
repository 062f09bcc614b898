"""Cluster maps: what a layer saw of an image, as a few weighted pictures (thesis, chapter 3)."""
