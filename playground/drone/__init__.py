"""Play builds exactly as a Drone server sends them, without a Drone server.

The simulation is pure: it reads no clock, no environment and no network. Only `cli`, `post` and the
process in `rest`, which also answers Drone's API, do.
"""
