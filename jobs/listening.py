"""Where the service listens: taken before anything else is begun, and refused to strangers."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from service.settings import Settings


LAST_PORT: Final = 65_535


class NotServing(Exception):
    """The service cannot listen where it is told to."""


def refuse_strangers(settings: Settings) -> None:
    """Passwords go over the wire, so whoever opens the service to others says so, and uses TLS.

    Raises `NotServing`.
    """
    hosts = [settings.host]
    if settings.metrics_address is not None:
        hosts.append(split(settings.metrics_address)[0])
    for host in hosts:
        if not settings.allow_remote and not is_loopback(host):
            raise NotServing(
                f"{host} is not this machine alone. Listen on 127.0.0.1, or put something that"
                " speaks TLS in front, and set AMANAT_ALLOW_REMOTE=true."
            )


def split(address: str) -> tuple[str, int]:
    """Host and port of an address such as 127.0.0.1:9464 or [::1]:9464. Raises `NotServing`."""
    host, _, port = address.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > LAST_PORT:
        raise NotServing(f"AMANAT_METRICS_ADDRESS: write {address!r} as 127.0.0.1:9464.")
    return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listener(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises `NotServing`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind, protocol)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen()
    except OSError as trouble:
        raise NotServing(
            f"Nothing can listen on {host} port {port}: {trouble.strerror}. Stop what uses it, or"
            " choose another with --host and --port."
        ) from trouble
    return found
