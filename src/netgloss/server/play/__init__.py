"""Deep Reveal: a game in which people name the class of a picture that shows itself bit by bit."""
