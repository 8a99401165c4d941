"""How HTTP comes in: gunicorn's worker that gives its threads whole requests only."""
