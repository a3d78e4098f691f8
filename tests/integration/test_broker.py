"""`talkbox-broker` as a program: systemd's socket, key and words; a device that talks through it; and how it ends."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from talkbox.conversation.conversation import Conversation
from talkbox.conversation.signed_url import fetch_signed_url
from talkbox.errors import SessionRefused, SessionTimeout, SessionUnreachable, TalkboxError
from talkbox_broker import cli
from talkbox_broker.credential import NAME
from talkbox_broker.errors import ListenError
from talkbox_broker.notify import Notifier
from talkbox_broker.sockets import bound, group_of, inherited
from tests.support.broker import KEY, FakeService, broker, http, request, say, self_signed
from tests.support.programs import PATIENCE_S, environment, eventually

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
SIGNED = "conversation_signature"


class Systemd:
    """What systemd is to the broker: it has the socket, hands over the key, and is told how it goes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "http.sock"
        self.told: list[str] = []
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(os.fspath(folder / "notify"))
        self._notify.setblocking(False)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(os.fspath(self.path))
        self._listener.listen()
        (folder / "credentials").mkdir()

    def close(self) -> None:
        self._notify.close()
        self._listener.close()

    @contextmanager
    def broker(self, server: str, *, key: str = KEY, **env: str) -> Iterator[subprocess.Popen[str]]:
        """Run the broker while the body does."""
        (self.folder / "credentials" / NAME).write_text(key)
        (self.folder / "broker.toml").write_text(f'[broker]\nagents = ["home"]\nserver = "{server}"\n')
        handed = {
            "LISTEN_FDS": "1",
            "CREDENTIALS_DIRECTORY": str(self.folder / "credentials"),
            "NOTIFY_SOCKET": str(self.folder / "notify"),
            "PYTHONPATH": str(ROOT / "device"),
        }
        # The process id is known only to the process itself; systemd sets it between fork and exec.
        hand_over = f'exec 3<&{self._listener.fileno()} && LISTEN_PID=$$ exec "$@"'
        command = [sys.executable, "-m", "talkbox_broker", "--config", str(self.folder / "broker.toml")]
        with subprocess.Popen(
            ["bash", "-c", hand_over, "bash", *command],
            pass_fds=[self._listener.fileno()],
            stderr=subprocess.PIPE,
            text=True,
            env=environment(**handed, **env),
        ) as process:
            try:
                eventually(lambda: self.hears("READY=1") or process.poll() is not None, "READY=1")
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    def hears(self, word: str) -> bool:
        """Tell whether systemd was told `word` by now."""
        while True:
            try:
                self.told += self._notify.recv(4096).decode().splitlines()
            except BlockingIOError:
                return any(word in line for line in self.told)


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    one = Systemd(tmp_path)
    yield one
    one.close()


@contextmanager
def agent(folder: Path) -> Iterator[str]:
    """Run a private embedded agent, and give its address."""
    (folder / "key").write_text(KEY)
    options = ("--tones", "--port", "0", "--private", "--api-key-file", str(folder / "key"))
    with subprocess.Popen(
        [sys.executable, "-m", "talkbox_agent", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(PYTHONPATH=str(ROOT / "device")),
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1].replace("ws://", "http://")
        finally:
            process.terminate()


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """End the broker as systemd does; return its status and its log."""
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=PATIENCE_S)
    return process.returncode, log


def test_a_device_talks_to_a_private_agent_through_the_broker(systemd: Systemd, tmp_path: Path) -> None:
    async def story(server: str) -> str:
        url = await fetch_signed_url(f"unix:{systemd.path}", agent_id="home")
        assert url.startswith(server.replace("http:", "ws:"))
        conversation = await Conversation.start_session(signed_url=url, text_only=True)
        conversation_id = conversation.get_id()
        await conversation.end_session()
        return conversation_id

    with agent(tmp_path) as server, systemd.broker(server, JOURNAL_STREAM="8:1") as process:
        assert asyncio.run(story(server)).startswith("conv_")
        command = Path(f"/proc/{process.pid}/cmdline").read_bytes() + Path(f"/proc/{process.pid}/environ").read_bytes()
        status, log = ended(process)
    assert KEY.encode() not in command
    assert status == os.EX_OK
    assert log.splitlines()[0] == f"<6>listening; agents home, server {server}"
    assert log.splitlines()[1].startswith("<6>GET /signed-url home 200 ")
    assert log.splitlines()[1].endswith(f" uid {os.geteuid()}")
    assert len(log.splitlines()) == 2
    assert KEY not in log
    assert SIGNED not in log
    assert systemd.hears("STOPPING=1")
    assert systemd.told == [
        "READY=1",
        "STATUS=ready; agents on the list: 1",
        "STATUS=ready; to the last request: a signed URL",
        "STOPPING=1",
    ]
    assert systemd.path.exists(), "the socket is systemd's, which goes on listening"


def test_who_comes_before_the_broker_does_waits_for_it(systemd: Systemd, tmp_path: Path) -> None:
    """The socket takes connections from the start of the machine on; the broker finds them when it comes."""

    async def story() -> str:
        return await fetch_signed_url(f"unix:{systemd.path}", agent_id="home", timeout_s=PATIENCE_S)

    with agent(tmp_path) as server, socket.socket(socket.AF_UNIX) as early:
        early.connect(os.fspath(systemd.path))
        early.sendall(request("/signed-url?agent_id=home", "Connection: close"))
        with systemd.broker(server):
            early.settimeout(PATIENCE_S)
            assert early.makefile("rb").read().startswith(b"HTTP/1.1 200 OK")
            assert SIGNED in asyncio.run(story())


def test_a_wrong_key_is_said_at_the_device_and_to_systemd(systemd: Systemd, tmp_path: Path) -> None:
    with agent(tmp_path) as server, systemd.broker(server, key="sk_wrong_one") as process:
        with pytest.raises(SessionRefused) as caught:
            asyncio.run(fetch_signed_url(f"unix:{systemd.path}", agent_id="home"))
        assert systemd.hears("STATUS=ready; to the last request: key refused by 127.0.0.1")
        _, log = ended(process)
    said = f"session refused (502): {systemd.path}: key refused by 127.0.0.1: 'Invalid API key'"
    assert str(caught.value) == said
    remedy = "`sudo /opt/talkbox/setup/provisioning/setup.sh --api-key-file -` asks for another"
    assert caught.value.hint == f"check the API key: {remedy}"
    assert "sk_wrong_one" not in log


@pytest.mark.parametrize("key", ["", "two words"])
def test_without_a_key_the_device_is_told_what_is_missing(systemd: Systemd, key: str) -> None:
    with systemd.broker("http://127.0.0.1:9", key=key) as process:
        with pytest.raises(SessionRefused, match=r"\(503\).*the broker has no (usable )?API key"):
            asyncio.run(fetch_signed_url(f"unix:{systemd.path}", agent_id="home"))
        assert systemd.hears("API key")
        status, log = ended(process)
    assert status == os.EX_OK
    assert "API key" in log
    assert "setup.sh --api-key-file -` asks for it" in log


@pytest.mark.parametrize(
    ("answer", "kind", "said", "hint"),
    [
        (None, SessionUnreachable, "no connection to 127.0.0.1: ECONNREFUSED", "nothing listens there"),
        (http(404, b""), SessionRefused, "session refused (404): SOCKET: no such agent at 127.0.0.1", "that the key's"),
        (http(429, b""), SessionRefused, "session refused (429): SOCKET: too many requests to 127.0.0.1", "wait; or"),
        (b"", SessionTimeout, "no signed URL within 0.5 s from 127.0.0.1", "press the button again"),
    ],
)
def test_the_device_says_what_the_broker_says(
    tmp_path: Path, answer: bytes | None, kind: type[TalkboxError], said: str, hint: str
) -> None:
    async def stall(service: FakeService, _reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await service.go.wait()

    async def story() -> None:
        service = FakeService(answer or stall)
        async with service.listening() as there:
            server = "http://127.0.0.1:9" if answer is None else there
            async with broker(tmp_path, server, timeout_s=0.5) as path:
                await fetch_signed_url(f"unix:{path}", agent_id="agent_1", timeout_s=PATIENCE_S)

    with pytest.raises(kind) as caught:
        asyncio.run(story())
    assert said.replace("SOCKET", f"{tmp_path}/http.sock") in str(caught.value)
    assert hint in caught.value.hint


def test_an_agent_that_is_not_on_the_list_is_said_with_its_remedy(tmp_path: Path) -> None:
    async def story() -> None:
        async with broker(tmp_path, "http://127.0.0.1:9") as path:
            await fetch_signed_url(f"unix:{path}", agent_id="agent_2")

    with pytest.raises(SessionRefused, match="gives nothing for agent 'agent_2'") as caught:
        asyncio.run(story())
    assert "agents in /etc/talkbox/broker.toml" in caught.value.hint


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with")
def test_over_tls_as_in_real_life(systemd: Systemd, tmp_path: Path) -> None:
    async def story() -> None:
        service = FakeService(tls=self_signed(tmp_path), agent_id="home")
        async with service.listening() as server:
            assert server.startswith("https://")
            with systemd.broker(server, SSL_CERT_FILE=str(tmp_path / "certificate.pem")):
                url = await fetch_signed_url(f"unix:{systemd.path}", agent_id="home", timeout_s=PATIENCE_S)
        assert url == service.signed_url()
        assert url.startswith("wss://localhost:")

    asyncio.run(story())


# --- by hand, and done wrong --------------------------------------------------------------------


@pytest.fixture
def by_hand(tmp_path: Path) -> list[str]:
    (tmp_path / "broker.toml").write_text('[broker]\nagents = ["home"]\n')
    (tmp_path / "key").write_text(KEY)
    paths = {"--config": "broker.toml", "--api-key-file": "key", "--socket": "http.sock"}
    return [word for option, name in paths.items() for word in (option, f"{tmp_path}/{name}")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_by_hand_it_makes_its_own_socket_and_takes_it_away(
    by_hand: list[str], tmp_path: Path, number: signal.Signals
) -> None:
    path = tmp_path / "http.sock"
    with subprocess.Popen(
        [sys.executable, "-m", "talkbox_broker", *by_hand],
        stderr=subprocess.PIPE,
        text=True,
        env=environment(PYTHONPATH=str(ROOT / "device")),
    ) as process:
        try:
            assert process.stderr is not None
            assert "listening; agents home" in process.stderr.readline()
            assert path.stat().st_mode & 0o777 == 0o660
            assert asyncio.run(say(path, request("/health"))).body["server"] == "https://api.elevenlabs.io"
            process.send_signal(number)
            _, log = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
    assert process.returncode == os.EX_OK
    assert "Traceback" not in log
    assert not path.exists()


def complaint(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    try:
        status = cli.main(arguments)
    except SystemExit as error:
        status = int(str(error.code))
    return status, capfd.readouterr().err


def test_every_way_to_start_it_wrongly_has_its_status(
    by_hand: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    assert complaint(capfd, "--key", "hush")[0] == os.EX_USAGE
    assert complaint(capfd, *by_hand[:4])[0] == os.EX_UNAVAILABLE
    assert "no socket to answer on" in caplog.text
    assert complaint(capfd, *by_hand, "--api-key-file", f"{tmp_path}/none")[0] == os.EX_NOINPUT
    assert f"no API key: {tmp_path}/none: no such file or directory" in caplog.text
    (tmp_path / "broker.toml").write_text('[broker]\nagents = []\nserver = "http://example.com"\n')
    assert complaint(capfd, *by_hand)[0] == os.EX_CONFIG
    assert "broker.agents must be" in caplog.text
    assert "broker.server must be" in caplog.text
    assert "hint: the file needs a table [broker]" in caplog.text
    assert KEY not in caplog.text


# --- sockets ------------------------------------------------------------------------------------


def handed(**changed: str) -> dict[str, str]:
    return {"LISTEN_PID": "7", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "x", "OTHER": "stays"} | changed


def test_a_socket_for_another_process_is_not_ours(tmp_path: Path) -> None:
    with bound(tmp_path / "http.sock") as listener:
        environ = handed()
        assert inherited(environ, pid=8, first=listener.fileno()) is None
        assert environ == {"OTHER": "stays"}
        assert inherited({}, pid=8) is None


def test_what_is_not_one_listening_unix_socket_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as silent:
        for wrong in (tcp, silent):
            with pytest.raises(ListenError, match="not a listening unix stream socket"):
                inherited(handed(), pid=7, first=os.dup(wrong.fileno()))
        with pytest.raises(ListenError, match="one socket, not 2"):
            inherited(handed(LISTEN_FDS="2"), pid=7, first=tcp.fileno())
    with (tmp_path / "file").open("w") as file, pytest.raises(ListenError, match="is not a socket"):
        inherited(handed(), pid=7, first=file.fileno())


def test_a_dead_brokers_socket_is_replaced_and_a_living_ones_is_not(tmp_path: Path) -> None:
    path = tmp_path / "http.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(os.fspath(path))
    with bound(path):
        with pytest.raises(ListenError, match="in use by another process"), bound(path):
            pass
        assert path.is_socket()
    path.write_text("somebody's")
    with pytest.raises(ListenError, match="in the way"), bound(path):
        pass
    assert path.read_text() == "somebody's"


@pytest.mark.parametrize(("name", "said"), [("none/http.sock", "no such file"), ("x" * 120, "path too long")])
def test_a_path_that_cannot_be_is_said(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(ListenError, match=said), bound(tmp_path / name):
        pass


def test_without_the_sockets_path_nobody_knows_who_may_ask(tmp_path: Path) -> None:
    with bound(tmp_path / "http.sock") as listener:
        assert group_of(listener) == os.getegid()
        (tmp_path / "http.sock").unlink()
        with pytest.raises(ListenError, match="cannot see the socket"):
            group_of(listener)
    with socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind("\0talkbox-broker-test")
        with pytest.raises(ListenError, match="cannot see the socket"):
            group_of(abstract)


# --- what systemd is told -----------------------------------------------------------------------


@pytest.mark.parametrize("address", ["@talkbox-broker-notify-test", "notify"])
def test_systemd_is_told_in_single_lines(tmp_path: Path, address: str) -> None:
    path = address if address.startswith("@") else str(tmp_path / address)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path.replace("@", "\0"))
        manager.settimeout(PATIENCE_S)
        notifier = Notifier({"NOTIFY_SOCKET": path})
        notifier.ready("all\nis well")
        notifier.status("still\nMAINPID=1")
        notifier.stopping()
        assert [manager.recv(100) for _ in range(3)] == [
            b"READY=1\nSTATUS=all is well",
            b"STATUS=still MAINPID=1",
            b"STOPPING=1",
        ]


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nonexistent/notify"}])
def test_where_nobody_listens_nothing_is_said_and_nothing_fails(environ: dict[str, str]) -> None:
    Notifier(environ).ready("here")
