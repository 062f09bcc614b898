"""What is computed about people: agreement, what is likely true, whom to trust, questionnaires."""
