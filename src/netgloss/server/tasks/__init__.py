"""The engine that all tasks share: which item a person gets, and that an answer counts once."""
