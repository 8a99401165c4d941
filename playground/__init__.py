"""Play the bridge's neighbours on one machine: nothing here is ever deployed."""
