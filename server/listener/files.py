"""How many connections a process may hold: each takes one of its file descriptors."""

import resource

# For MongoDB, the spool, the log and whatever a request opens.
FOR_OTHERS = 200
AT_LEAST = 16


def connections_at_most(wanted: int) -> int:
    """Raise this process's limit on open files for *wanted* connections; return how many fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + FOR_OTHERS
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return wanted
    return max(AT_LEAST, min(wanted, soft - FOR_OTHERS))
