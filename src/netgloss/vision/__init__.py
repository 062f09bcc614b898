"""Image sources, safe decoding, geometry, overlays, and the classifier."""
