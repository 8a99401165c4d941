"""Ask Drone for what webhooks missed."""
