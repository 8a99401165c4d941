"""Flask blueprints, thin: from HTTP to a service and back."""
