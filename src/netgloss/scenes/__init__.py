"""Pictures drawn with known truth."""
