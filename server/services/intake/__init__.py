"""Take deliveries in and keep them."""
