"""Where the server listens: on every address of the machine, IPv4 and IPv6 alike."""

import socket


def addresses(port: int) -> list[str]:
    """Return what gunicorn has to bind to; IPv4 alone where IPv6 is switched off."""
    ipv4, ipv6 = f"0.0.0.0:{port}", f"[::]:{port}"
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::", 0))
            takes_ipv6_alone = probe.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    except OSError:
        return [ipv4]
    # One socket takes both, unless the machine says otherwise (net.ipv6.bindv6only).
    return [ipv4, ipv6] if takes_ipv6_alone else [ipv6]
