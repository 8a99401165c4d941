"""Read from Drone's API what webhooks missed."""
