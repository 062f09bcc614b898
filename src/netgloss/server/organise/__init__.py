"""The organiser's side: what came in, from whom, and what becomes of it."""
