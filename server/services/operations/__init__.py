"""For whoever runs the bridge: health, doctor, commands."""
