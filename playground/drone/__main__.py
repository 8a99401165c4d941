"""Start the player: `python -m playground.drone`."""

import sys

from playground.drone.cli import main

sys.exit(main())
