"""The way to the service: a route, a name, TLS, and how long a round trip takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from urllib.parse import urlsplit

from talkbox.conversation.failures import unreachable
from talkbox.conversation.urls import is_loopback

from .check import Figures, Result, failed, ok, skipped, warning
from .host import duration
from .ports import Handshake, Machine, Wire

SOON_S = 7 * 86400.0
SLOW_MS, STALLS_MS = 250.0, 1000.0
NETWORK = "check the cable or the Wi-Fi: `nmcli device status`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """
    Where the agent is.

    Attributes:
        host: Its name.
        port: Of the service.
        secure: Whether it is spoken to over TLS.
        proxy: What the environment puts in between, ``host:port``; ``""``: nothing.
    """

    host: str
    port: int
    secure: bool
    proxy: str

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(self.host)


def server_of(address: str, wire: Wire) -> Server:
    """Return what `agent.server` means."""
    parts = urlsplit(address)
    secure, host = parts.scheme == "wss", parts.hostname or ""
    proxy = "" if is_loopback(host) else wire.proxy(host, secure=secure)
    return Server(host=host, port=parts.port or (443 if secure else 80), secure=secure, proxy=proxy)


def route(server: Server, machine: Machine) -> Result:
    """Tell whether there is a way out of this machine."""
    if server.is_here:
        return skipped("the agent is on this machine: none is needed")
    interfaces = default_routes(machine.text("/proc/net/route"), machine.text("/proc/net/ipv6_route"))
    if not interfaces:
        return failed("none leads out of here", NETWORK)
    return ok(f"through {' and '.join(interfaces)}", figures={"interfaces": " ".join(interfaces)})


def default_routes(ipv4: str, ipv6: str) -> list[str]:
    """Return the interfaces of the default routes, of what ``/proc/net/route`` and ``ipv6_route`` say."""
    rows4 = [line.split() for line in ipv4.splitlines()[1:]]
    rows6 = [line.split() for line in ipv6.splitlines()]
    found = [row[0] for row in rows4 if len(row) > 7 and row[1] == row[7] == "00000000" and int(row[3], 16) & 1]
    # The kernel's own ::/0 on lo only says that there is none.
    found += [row[9] for row in rows6 if len(row) > 9 and set(row[0]) == {"0"} and row[1] == "00" and row[9] != "lo"]
    return list(dict.fromkeys(found))


def dns(server: Server, wire: Wire) -> Result:
    """Tell whether the service's name is known."""
    if server.proxy:
        return skipped(f"the proxy {server.proxy} asks for us")
    try:
        addresses = wire.lookup(server.host, server.port)
    except TimeoutError:
        return failed(f"no answer for {server.host}", "the name server is silent: `resolvectl status`, " + NETWORK)
    except OSError as error:
        return _unreachable(error, server.host)
    more = f" and {len(addresses) - 1} more" if len(addresses) > 1 else ""
    return ok(f"{server.host} is {addresses[0]}{more}", figures={"addresses": len(addresses)})


def tls(server: Server, shake: Callable[[], Handshake], machine: Machine) -> Result:
    """
    Tell whether the service is who it says.

    Args:
        server: Where it is.
        shake: Opens TLS, or gives again what that gave.
        machine: Has the clock.
    """
    if not server.secure:
        return skipped("none is needed on this machine")
    try:
        shaken = shake()
    except OSError as error:
        return _unreachable(error, server.host)
    left_s = shaken.until_s - machine.now_s()
    until = datetime.fromtimestamp(shaken.until_s, UTC).date()
    proxy = f" through the proxy {server.proxy}" if server.proxy else ""
    said = f"{shaken.version}{proxy}, certificate valid until {until}"
    figures: Figures = {"version": shaken.version, "days_left": int(left_s // 86400)}
    if left_s < SOON_S:
        return warning(f"{said}, that is {duration(left_s)}", "its owner has to renew it", figures=figures)
    return ok(said, figures=figures)


def round_trip(server: Server, wire: Wire) -> Result:
    """Tell how long it takes to be answered."""
    host, port = (
        (server.proxy.rpartition(":")[0], int(server.proxy.rpartition(":")[2]))
        if server.proxy
        else (
            server.host,
            server.port,
        )
    )
    try:
        trips_ms = wire.round_trips_ms(host, port)
    except OSError as error:
        return _unreachable(error, host)
    middle, worst = median(trips_ms), max(trips_ms)
    where = f" to the proxy {server.proxy}" if server.proxy else ""
    said = f"{middle:.0f} ms{where}, at most {worst:.0f}, of {len(trips_ms)}"
    figures: Figures = {"median_ms": round(middle, 1), "worst_ms": round(worst, 1)}
    if middle > SLOW_MS:
        return warning(
            f"{said}: slow", "a nearer server (agent.server) or a better line; see the Wi-Fi below", figures=figures
        )
    if worst > STALLS_MS:
        return warning(f"{said}: it stalls", "see the Wi-Fi below: power save and strength", figures=figures)
    return ok(said, figures=figures)


def _unreachable(error: OSError, host: str) -> Result:
    told = unreachable(error, host=host)
    return failed(str(told), told.hint)
