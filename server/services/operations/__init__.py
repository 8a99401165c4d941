"""For the people who run the bridge: health, doctor, registration of commands."""
