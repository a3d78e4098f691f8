"""The doctor for real: on a simulated card with a room, on loopback servers, beside a running device, as a program."""

from __future__ import annotations

import asyncio
import http.server
import json
import os
import re
import shutil
import socket
import socketserver
import ssl
import stat
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from operator import getitem
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from talkbox.appliance.compose.program import examined_devices, examined_hardware
from talkbox.audio.ports import CaptureDevice, PlaybackDevice
from talkbox.audio.silent import SilentSink, SilentSource
from talkbox.audio.take import record_chirp
from talkbox.config import load
from talkbox.doctor import sound, touch
from talkbox.doctor.check import Status
from talkbox.doctor.knock import knock, sign
from talkbox.doctor.machine import ThisMachine
from talkbox.doctor.patience import within
from talkbox.doctor.ports import Sound
from talkbox.doctor.wire import ThisWire
from talkbox.errors import NotRunning, SessionRefused, SessionTimeout, SessionUnreachable
from talkbox.settings import AgentSettings
from talkbox.terminal.request import events, request
from talkbox_hardware.board import load_board
from tests.support.certificates import AUTHORITY, make_certificate
from tests.support.examined import MadeUpBoard
from tests.support.programs import agent, device, talkbox
from tests.support.realtime import realtime
from tests.support.service import Service
from tests.support.simcard import SimCard, why_not

pytestmark = pytest.mark.integration
needs_card = pytest.mark.skipif(bool(why_not()), reason=why_not())
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with")

RATE_HZ = 48_000
SECRET = "hush-hush-0123456789"


def stopped(_command: str, **_fields: object) -> dict[str, object]:
    raise NotRunning("nobody answers")


def statuses(answer: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {check["name"]: check["status"] for check in answer["checks"]}


# The sound.


def room(folder: Path, *, gain: float, delay_s: float = 0.02) -> SimCard:
    """A card whose microphone hears its loudspeaker, and a room that is not dead silent."""
    impulse = np.zeros(int(delay_s * RATE_HZ) + 1, np.float32)
    impulse[-1] = gain
    card = SimCard(folder / "card", rate_hz=RATE_HZ, room=impulse)
    hiss = np.rint(60 * np.random.default_rng(1).standard_normal(60 * RATE_HZ)).astype(np.int16)
    card.say(hiss, at_s=0)
    return card


@contextmanager
def examined(card: SimCard, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Sound]]:
    for name, value in card.env.items():
        monkeypatch.setenv(name, value)
    config = load(None, environ={}, overrides=["hardware.board=simulated", "audio.rate_hz=48000"])
    with realtime():
        yield lambda: examined_devices(config, examined_hardware(config))


@needs_card
def test_a_chirp_is_heard_as_loudly_and_as_late_as_the_room_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = MadeUpBoard(load_board("simulated"), simulated=True)
    with examined(room(tmp_path, gain=0.1, delay_s=0.02), monkeypatch) as devices:
        assert sound.microphone(devices, stopped).status is Status.OK
        for _ in range(5):  # a busy machine makes gaps; then nothing can be measured, and that is said
            result = sound.loop(devices, stopped, board)
            assert "later" in result.said
            if not result.figures["xruns"]:
                break
        assert result.figures["loss_db"] == pytest.approx(20, abs=1)
        assert result.figures["delay_ms"] == pytest.approx(20, abs=15)


@needs_card
def test_a_loudspeaker_that_is_not_heard_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    board = MadeUpBoard(load_board("simulated"), simulated=True)
    with examined(room(tmp_path, gain=0.0), monkeypatch) as devices:
        result = sound.loop(devices, stopped, board)
    assert (result.status, "did not hear it" in result.said) == (Status.FAILED, True)


@needs_card
def test_a_dead_microphone_and_a_busy_and_a_missing_card_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = SimCard(tmp_path / "card", rate_hz=RATE_HZ)  # nobody says anything, and the room is silent
    with examined(card, monkeypatch) as devices:
        assert sound.microphone(devices, stopped).said.startswith("dead")
        opened = devices()
        other = opened.open_capture()
        try:
            assert sound.microphone(lambda: opened, stopped).status is Status.UNSEEN
        finally:
            other.close()
        card.fault("gone")
        assert sound.microphone(lambda: opened, stopped).status is Status.FAILED


class StuckSink:
    """A loudspeaker that takes nothing."""

    rate_hz, channels, sample_bytes, period_frames, ahead_frames, xruns = 16_000, 1, 2, 160, 480, 0

    def write(self, payload: bytes) -> None:
        assert payload
        threading.Event().wait()

    def queued_frames(self) -> int:
        return 0

    def drop(self) -> None:
        pass

    def close(self) -> None:
        pass


def raising(error: OSError) -> Callable[[], PlaybackDevice]:
    def open_device() -> PlaybackDevice:
        raise error

    return open_device


def test_a_loudspeaker_that_stands_still_or_breaks_lets_the_microphone_go(monkeypatch: pytest.MonkeyPatch) -> None:
    microphones: list[SilentSource] = []

    def listen() -> CaptureDevice:
        microphones.append(SilentSource())
        return microphones[-1]

    monkeypatch.setattr("talkbox.audio.take.LONGEST_S", 0.3)
    with pytest.raises(OSError, match="stands still"):
        record_chirp(listen, StuckSink)
    with pytest.raises(OSError, match="No such device"):
        record_chirp(listen, raising(OSError(19, "No such device")))
    monkeypatch.setattr("talkbox.audio.take.LONGEST_S", 10.0)
    take, played = record_chirp(listen, SilentSink)
    assert len(take.samples) > 16_000
    assert played.at_s > take.began_s


# Hands.


def test_a_press_within_the_time_is_seen_by_the_board_and_told_by_the_device(tmp_path: Path) -> None:
    board = MadeUpBoard(load_board("respeaker-2mic-v1"))
    hands: list[threading.Timer] = []

    def person(does: Callable[[], None]) -> touch.Person:
        hands.append(threading.Timer(0.3, does))
        return touch.Person(there=True, tell=lambda _line: hands[-1].start(), patience_s=30)

    nobody_tells = iter
    seen = touch.button(board, stopped, partial(nobody_tells, ()), person(board.panel.press), boot=False)
    assert seen.status is Status.OK
    with device(tmp_path, "ws://127.0.0.1:9") as running:
        ask, watch = partial(request, running.socket), partial(events, running.socket)
        told = touch.encoder(board, ask, watch, person(lambda: running.do("turn", detents=1)), boot=False)
        assert told.status is Status.OK
        hasty = touch.Person(there=True, tell=lambda _line: None, patience_s=0.1)
        assert touch.button(board, ask, watch, hasty, boot=False).status is Status.UNSEEN
    for hand in hands:
        hand.join()


# The machine.


def test_a_program_is_run_in_the_language_of_programs(tmp_path: Path) -> None:
    machine = ThisMachine(tmp_path)
    done = machine.run("sh", "-c", "echo $LC_ALL; echo oops >&2; exit 3")
    assert done is not None
    assert (done.code, done.said) == (3, "C.UTF-8\noops")


def test_one_that_is_missing_or_hangs_says_nothing(tmp_path: Path) -> None:
    machine = ThisMachine(tmp_path)
    assert machine.run("talkbox-no-such-program") is None
    assert machine.run("sleep", "60", limit_s=0.1) is None


def test_what_never_comes_back_is_waited_for_no_longer_than_one_can_bear() -> None:
    assert within(30, lambda: 7, what="adding") == 7
    with pytest.raises(KeyError, match="x"):
        within(30, partial(getitem, {}, "x"), what="looking")
    with pytest.raises(TimeoutError, match=r"waiting took more than 0\.05 s"):
        within(0.05, lambda: threading.Event().wait(), what="waiting")


# The network.


class Quiet(http.server.BaseHTTPRequestHandler):
    """Answers HEAD, as a service's front page does."""

    date = ""

    def do_HEAD(self) -> None:
        self.send_response_only(404)
        if self.date != "none":
            self.send_header("Date", self.date or self.date_time_string())
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        pass


class Patient(http.server.ThreadingHTTPServer):
    """A server to which it is no news that a client hangs up: it refused the certificate."""

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def secure(tls: ssl.SSLContext, *, date: str = "") -> Iterator[int]:
    """A server that speaks TLS on loopback; gives its port."""
    handler = type("Handler", (Quiet,), {"date": date})
    server = Patient(("127.0.0.1", 0), handler)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    with serving(server):
        yield server.server_address[1]


@needs_openssl
@pytest.mark.parametrize(
    ("date", "ahead_s"), [("", 0.0), ("Mon, 01 Jan 2024 00:00:00 GMT", None), ("none", None), ("yesterday", None)]
)
def test_a_handshake_tells_the_certificate_s_end_and_the_server_s_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, date: str, ahead_s: float | None
) -> None:
    tls = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / AUTHORITY))
    with secure(tls, date=date) as port:
        shaken = ThisWire().handshake("localhost", port)
    assert shaken.version.startswith("TLSv1.")
    assert time.strftime("%Y", time.gmtime(shaken.until_s)) == "2049"
    if ahead_s is not None:
        assert shaken.ahead_s == pytest.approx(ahead_s, abs=30)
    elif "2024" in date:
        assert shaken.ahead_s is not None
        assert shaken.ahead_s > 86_400
    else:
        assert shaken.ahead_s is None


@needs_openssl
def test_a_certificate_of_a_stranger_or_from_the_future_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with secure(make_certificate(tmp_path)) as port, pytest.raises(ssl.SSLCertVerificationError):
        ThisWire().handshake("localhost", port)
    (tmp_path / "future").mkdir()
    tls = make_certificate(tmp_path / "future", start="20490101000000Z")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "future" / AUTHORITY))
    with secure(tls) as port, pytest.raises(ssl.SSLCertVerificationError) as caught:
        ThisWire().handshake("localhost", port)
    assert caught.value.verify_code == 9


class Proxy(socketserver.StreamRequestHandler):
    """A proxy that knows CONNECT; keeps what it was asked."""

    asked: ClassVar[list[str]] = []

    def handle(self) -> None:
        lines = iter(lambda: self.rfile.readline().decode().strip(), "")
        self.asked.extend(lines)
        host, port = self.asked[0].split()[1].rsplit(":", 1)
        with socket.create_connection((host, int(port))) as there:
            self.wfile.write(b"HTTP/1.1 200 fine\r\n\r\n")
            back = threading.Thread(target=pump, args=(there, self.connection))
            back.start()
            pump(self.connection, there)
            back.join()


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while piece := source.recv(65_536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


@needs_openssl
def test_a_proxy_of_the_environment_is_gone_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = make_certificate(tmp_path)
    Proxy.asked.clear()
    proxy = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Proxy)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / AUTHORITY))
    monkeypatch.setenv("https_proxy", f"http://ada:l%40ve@127.0.0.1:{proxy.server_address[1]}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with secure(tls) as port, serving(proxy):
        assert ThisWire().handshake("localhost", port).version.startswith("TLSv1.")
        assert ThisWire().proxy("localhost", secure=True) == f"127.0.0.1:{proxy.server_address[1]}"
        assert ThisWire().proxy("localhost", secure=False) == ""
        monkeypatch.setenv("no_proxy", "localhost")
        assert ThisWire().proxy("localhost", secure=True) == ""
    assert Proxy.asked[0].startswith(f"CONNECT localhost:{port} HTTP/1.")
    assert "Proxy-Authorization: Basic YWRhOmxAdmU=" in Proxy.asked


def test_round_trips_are_measured_and_a_port_where_nobody_listens_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        trips_ms = ThisWire().round_trips_ms("127.0.0.1", port)
        assert len(trips_ms) == 5
        assert min(trips_ms) > 0
    with pytest.raises(ConnectionRefusedError):
        ThisWire().round_trips_ms("127.0.0.1", port)


def test_a_name_is_looked_up() -> None:
    assert ThisWire().lookup("localhost", 80)
    with pytest.raises(OSError, match=r".+"):
        ThisWire().lookup("no-such-host.invalid", 80)


@contextmanager
def endpoint(path: Path, answers: dict[str, tuple[int, str]]) -> Iterator[Path]:
    """Something that speaks HTTP on a unix socket, as the broker does."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers[self.path.partition("?")[0]]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def address_string(self) -> str:
            return "unix"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
            pass

    with serving(socketserver.ThreadingUnixStreamServer(str(path), Handler)):
        yield path


def test_a_broker_is_asked_how_it_is(tmp_path: Path) -> None:
    with endpoint(tmp_path / "s", {"/health": (200, '{"status": "ok"}')}) as path:
        assert ThisWire().health(str(path)) == (200, '{"status": "ok"}')
    with pytest.raises(OSError, match=r"refused|No such"):
        ThisWire().health(str(path))


def test_what_speaks_no_http_is_no_broker(tmp_path: Path) -> None:
    class Rude(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()
            self.wfile.write(b"what?\r\n\r\n")

    with (
        serving(socketserver.UnixStreamServer(str(tmp_path / "s"), Rude)),
        pytest.raises(OSError, match="no answer in HTTP"),
    ):
        ThisWire().health(str(tmp_path / "s"))


# The agent.


def knocked(**behavior: object) -> Service:
    """Knock at a service that behaves like that; give it back."""
    service = Service(**behavior)  # type: ignore[arg-type]

    async def story() -> None:
        async with service:
            await asyncio.to_thread(knock, AgentSettings(agent_id="agent_1", server=service.url))

    asyncio.run(story())
    return service


@pytest.mark.parametrize("greets", [True, False])
def test_a_public_agent_is_knocked_at_without_a_word(greets: bool) -> None:
    service = knocked(greets=greets)
    assert service.received == []
    assert service.path.endswith("agent_id=agent_1")


def test_an_agent_that_is_not_there_is_refused_at_the_door_or_behind_it() -> None:
    with pytest.raises(SessionRefused, match="404"):
        knocked(refuse=(404, "no such agent"))
    with pytest.raises(SessionRefused, match="does not exist") as caught:
        knocked(closes=(1008, "the agent does not exist"))
    assert caught.value.status == 1008


def test_nobody_at_home_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(SessionUnreachable):
        knock(AgentSettings(agent_id="a", server=f"ws://127.0.0.1:{port}"))


def test_a_signed_url_is_asked_for_as_a_session_asks(tmp_path: Path) -> None:
    good = json.dumps({"signed_url": "wss://api.example/x?conversation_signature=s"})
    settings = AgentSettings(agent_id="a", signed_url_from=f"unix:{tmp_path / 's'}")
    with endpoint(tmp_path / "s", {"/signed-url": (200, good)}):
        assert sign(settings).startswith("wss://")
    (tmp_path / "s").unlink()
    bad = json.dumps({"error": "key refused", "hint": "give another", "code": "key_refused"})
    with endpoint(tmp_path / "s", {"/signed-url": (502, bad)}), pytest.raises(SessionRefused, match="key refused"):
        sign(settings)
    (tmp_path / "s").unlink()
    with endpoint(tmp_path / "s", {"/signed-url": (504, bad)}), pytest.raises(SessionTimeout):
        sign(settings)


# The whole program.


@needs_card
def test_a_device_that_works_is_examined_while_it_runs(tmp_path: Path) -> None:
    card = room(tmp_path, gain=0.1)
    with agent(tmp_path) as server, device(tmp_path, server) as running:
        settings = [f"agent.server={server}", "agent.agent_id=home", f"control.socket={running.socket}"]
        options = [part for setting in settings for part in ("--set", setting)]
        done = talkbox("doctor", "--json", *options, **card.env)
        found = json.loads(done.stdout)
        sessions = running.status()["counters"]["sessions"]
    status = statuses(found)
    assert done.stderr == ""
    assert status["device"] == status["agent"] == status["microphone"] == "ok"
    assert status["loop"] in ("ok", "warning")
    assert done.returncode == 0, [one for one in found["checks"] if one["status"] == "failed"]
    assert sessions == 0


def test_what_is_wrong_is_said_with_its_remedy_and_a_status_and_at_boot_nothing_is_touched(tmp_path: Path) -> None:
    options = ["--set", f"control.socket={tmp_path / 'none'}", "--set", "agent.server=ws://127.0.0.1:9", "--boot"]
    done = talkbox("doctor", *options, "--set", "agent.agent_id=home")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(" failed  round trip"))
    assert "no connection to 127.0.0.1" in lines[at]
    assert lines[at + 1].strip().startswith("→ nothing listens there")
    assert re.search(r"^skipped  microphone +not while the machine starts", done.stdout, re.MULTILINE)
    assert re.search(r"^\d+ checks: .* failed", done.stdout, re.MULTILINE)
    assert "\x1b" not in done.stdout


def test_a_configuration_that_cannot_be_read_is_one_of_the_findings(tmp_path: Path) -> None:
    (tmp_path / "talkbox.toml").write_text("[agent]\nagent_id = 7\n")
    done = talkbox("doctor", "--boot", "--json", "--config", str(tmp_path / "talkbox.toml"))
    found = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert found["configuration"]["status"] == "failed"
    assert "agent.agent_id must be text" in found["configuration"]["said"]
    assert found["board"]["status"] == "ok"


def report(tmp_path: Path, out: Path) -> str:
    (tmp_path / "talkbox.toml").write_text(
        f'[agent]\nagent_id = "home"\nserver = "ws://127.0.0.1:9"\nsigned_url_headers = {{ token = "{SECRET}" }}\n'
        f'signed_url_from = "unix:{tmp_path / "none"}"\n[control]\nsocket = "{tmp_path / "none"}"\n'
    )
    done = talkbox("report", "--config", str(tmp_path / "talkbox.toml"), "--out", str(out))
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_report_is_one_file_for_its_maker_alone_without_secrets(tmp_path: Path) -> None:
    out = tmp_path / "report.tar.gz"
    said = report(tmp_path, out)
    assert "Read it before you send it" in said
    assert str(out) in said
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with tarfile.open(out) as archive:
        names = archive.getnames()
        texts = {name: archive.extractfile(name) for name in names}
        whole = "".join(file.read().decode("utf-8") for file in texts.values() if file is not None)
    assert "talkbox-report/doctor.json" in names
    assert "talkbox-report/log.txt" in names
    assert 'agent_id = "home"' in whole
    assert SECRET not in whole


def test_a_report_can_be_a_text_and_overwrites_nothing(tmp_path: Path) -> None:
    out = tmp_path / "report.txt"
    report(tmp_path, out)
    text = out.read_text("utf-8")
    assert "===== doctor.txt =====" in text
    assert SECRET not in text
    again = talkbox("report", "--config", str(tmp_path / "talkbox.toml"), "--out", str(out))
    assert again.returncode == os.EX_CANTCREAT
    assert "file exists" in again.stderr
    assert out.read_text("utf-8") == text
