"""The annotation task: boxes round salient areas, each with a noun and adjectives (SECA, C2)."""
