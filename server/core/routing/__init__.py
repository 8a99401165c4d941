"""Which channels show a build, how, and who is pinged: rules, matching, transitions."""
