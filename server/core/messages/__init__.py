"""Messages that people push by HTTP."""
