"""Words: from what people typed to one vocabulary."""
