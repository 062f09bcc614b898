"""Stories and experiments told through the Study facade."""
