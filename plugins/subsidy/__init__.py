"""Aid for patients who cannot pay: from the application on a phone to the settled bill."""
