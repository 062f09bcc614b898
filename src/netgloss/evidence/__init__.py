"""Evidence: heat maps with their method, target and weight; one file a method."""
