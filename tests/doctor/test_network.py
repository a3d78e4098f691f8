import socket

import pytest

from talkbox.doctor import network
from talkbox.doctor.check import Status
from talkbox.doctor.network import Server, default_routes
from tests.support.examined import MadeUpMachine, MadeUpWire, bad_certificate, shaken, shaking

SERVICE = Server(host="api.example", port=443, secure=True, proxy="")
HERE = Server(host="127.0.0.1", port=8787, secure=False, proxy="")
BEHIND = Server(host="api.example", port=443, secure=True, proxy="proxy.example:3128")

IPV4 = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
DEFAULT = "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
LOCAL = "wlan0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0\n"
ZEROS = "0" * 32
IPV6_NONE = f"{ZEROS} 00 {ZEROS} 00 {ZEROS} ffffffff 00000001 00000000 00200200       lo\n"
IPV6 = f"{ZEROS} 00 {ZEROS} 00 fe80{'0' * 28} 00000400 00000001 00000000 00000003     eth0\n"


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("wss://api.example", SERVICE),
        ("ws://127.0.0.1:8787", HERE),
        ("wss://api.example:8443", Server(host="api.example", port=8443, secure=True, proxy="")),
        ("ws://localhost", Server(host="localhost", port=80, secure=False, proxy="")),
    ],
)
def test_where_the_service_is(address: str, server: Server) -> None:
    assert network.server_of(address, MadeUpWire()) == server


def test_a_proxy_is_never_for_this_machine() -> None:
    wire = MadeUpWire(behind="proxy.example:3128")
    assert network.server_of("wss://api.example", wire) == BEHIND
    assert network.server_of("wss://localhost", wire).proxy == ""


def test_the_ways_out_of_a_machine() -> None:
    assert default_routes(IPV4 + LOCAL + DEFAULT, IPV6_NONE + IPV6) == ["wlan0", "eth0"]
    assert default_routes(IPV4 + LOCAL, IPV6_NONE) == default_routes("", "") == []
    assert default_routes(IPV4 + DEFAULT.replace("0003", "0002"), "") == []  # it is down


def test_a_route_is_needed_but_for_this_machine(machine: MadeUpMachine) -> None:
    assert network.route(SERVICE, machine).status is Status.FAILED
    assert network.route(HERE, machine).status is Status.SKIPPED
    machine.put("/proc/net/route", IPV4 + DEFAULT)
    assert network.route(SERVICE, machine).said == "through wlan0"


def test_a_name_that_is_known() -> None:
    assert network.dns(SERVICE, MadeUpWire()).said == "api.example is 192.0.2.1 and 1 more"
    assert network.dns(SERVICE, MadeUpWire(addresses=("192.0.2.1",))).said == "api.example is 192.0.2.1"


@pytest.mark.parametrize(
    ("error", "said", "remedy"),
    [
        (socket.gaierror(-2, "Name or service not known"), "cannot be resolved", "spelling"),
        (TimeoutError("the name took more than 6 s"), "no answer for api.example", "name server is silent"),
    ],
)
def test_one_that_is_not(error: OSError, said: str, remedy: str) -> None:
    result = network.dns(SERVICE, MadeUpWire(addresses=error))
    assert result.status is Status.FAILED
    assert said in result.said
    assert remedy in result.remedy


def test_behind_a_proxy_nobody_asks_for_a_name() -> None:
    wire = MadeUpWire(behind="proxy.example:3128")
    assert network.dns(BEHIND, wire).status is Status.SKIPPED
    assert wire.reached == []


def test_a_certificate_that_is_valid_says_until_when(machine: MadeUpMachine) -> None:
    result = network.tls(SERVICE, shaken(), machine)
    assert (result.status, result.said) == (Status.OK, "TLSv1.3, certificate valid until 2027-03-16")
    assert result.figures["days_left"] == 60
    assert "through the proxy proxy.example:3128" in network.tls(BEHIND, shaken(), machine).said


def test_one_that_ends_soon_is_a_warning(machine: MadeUpMachine) -> None:
    assert network.tls(SERVICE, shaken(days=3), machine).status is Status.WARNING


@pytest.mark.parametrize(
    ("error", "remedy"),
    [(bad_certificate(9), "clock is wrong"), (ConnectionRefusedError(111, "refused"), "nothing listens")],
)
def test_tls_that_fails_says_what_to_do(machine: MadeUpMachine, error: OSError, remedy: str) -> None:
    result = network.tls(SERVICE, shaking(error), machine)
    assert result.status is Status.FAILED
    assert remedy in result.remedy


@pytest.mark.parametrize(
    ("trips_ms", "status", "said"),
    [
        ((20.0, 22.0, 30.0), Status.OK, "22 ms, at most 30, of 3"),
        ((300.0, 400.0, 500.0), Status.WARNING, "slow"),
        ((20.0, 25.0, 1500.0), Status.WARNING, "it stalls"),
    ],
)
def test_a_round_trip(trips_ms: tuple[float, ...], status: Status, said: str) -> None:
    result = network.round_trip(SERVICE, MadeUpWire(trips_ms=trips_ms))
    assert result.status is status
    assert said in result.said


def test_behind_a_proxy_the_trip_is_to_the_proxy() -> None:
    wire = MadeUpWire()
    assert "to the proxy proxy.example:3128" in network.round_trip(BEHIND, wire).said
    assert wire.reached == [("proxy.example", 3128)]


def test_a_trip_that_never_comes_back_is_a_failure() -> None:
    assert network.round_trip(SERVICE, MadeUpWire(trips_ms=OSError(101, "x"))).status is Status.FAILED


def test_on_this_machine_nothing_is_encrypted(machine: MadeUpMachine) -> None:
    never = shaking(OSError("was asked"))
    assert network.tls(HERE, never, machine).status is Status.SKIPPED
