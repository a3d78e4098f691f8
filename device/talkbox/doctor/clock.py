"""The clock: compared with the service's, and with what systemd says of it. Without it, no certificate is valid."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from .check import Figures, Fix, Result, failed, ok, warning
from .host import duration, run
from .network import Server
from .ports import Handshake, Machine

OFF_S, WRONG_S = 5.0, 120.0
CLOCK = "`sudo timedatectl set-ntp true`, and let UDP port 123 through"
KEPT = {True: "synchronized", False: "not synchronized", None: "nobody says whether it is synchronized"}


def clock(server: Server, shake: Callable[[], Handshake], machine: Machine, *, built_s: float) -> Result:
    """
    Tell whether the clock is right: by the service's, else by what systemd says of it.

    Args:
        server: Where the service is.
        shake: As for `tls`.
        machine: Has the clock.
        built_s: When this program was installed: where nobody knows better, it cannot be earlier.
    """
    now = datetime.fromtimestamp(machine.now_s(), UTC)
    said = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    act = partial(run, machine, "timedatectl", "--no-ask-password", "set-ntp", "true")
    fix = Fix(says="switched the synchronization of the clock on; it may take a minute", act=act)
    synchronized = _synchronized(machine)
    kept = KEPT[synchronized]
    ahead_s, refused = _ahead_s(server, shake)
    if refused:
        return failed(f"{said}: {refused}", CLOCK, fix=fix)
    if ahead_s is None and not synchronized and machine.now_s() < built_s:
        return failed(f"{said}: before this version was installed", CLOCK, fix=fix)
    figures: Figures = {"synchronized": synchronized, "ahead_s": ahead_s}
    if ahead_s is not None and abs(ahead_s) > OFF_S:
        off = f"{said}: {duration(abs(ahead_s))} {'ahead of' if ahead_s > 0 else 'behind'} the service, {kept}"
        return (failed if abs(ahead_s) > WRONG_S else warning)(off, CLOCK, fix=fix, figures=figures)
    if ahead_s is None and synchronized is False:
        return warning(f"{said}, {kept}", CLOCK, fix=fix, figures=figures)
    agrees = ", as the service has it" if ahead_s is not None else ""
    return ok(f"{said}, {kept}{agrees}", figures=figures)


def _ahead_s(server: Server, shake: Callable[[], Handshake]) -> tuple[float | None, str]:
    """Return how far ahead of the service's the clock is, and why the service's certificate says it is wrong."""
    if not server.secure:
        return None, ""
    try:
        return shake().ahead_s, ""
    except ssl.SSLCertVerificationError as error:
        early = getattr(error, "verify_code", 0) == 9  # OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID
        return None, "the service's certificate is not valid yet by it" if early else ""
    except OSError:
        return None, ""


def _synchronized(machine: Machine) -> bool | None:
    if machine.changed_s("/run/systemd/timesync/synchronized") is not None:
        return True
    said = machine.run("timedatectl", "show", "--property=NTPSynchronized", "--value")
    return {"yes": True, "no": False}.get(said.said) if said is not None and not said.code else None
