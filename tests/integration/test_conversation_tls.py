"""TLS for real: a certificate that is trusted, one that is not, and one from the future."""

import asyncio
import shutil
import ssl
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from talkbox.conversation.conversation import Conversation
from talkbox.errors import SessionUnreachable
from tests.support.certificates import make_certificate
from tests.support.service import Service

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with"),
]


@pytest.fixture
def certificate(tmp_path: Path) -> Callable[..., ssl.SSLContext]:
    """Make a server's certificate, signed by the authority in `authority.pem`."""
    return partial(make_certificate, tmp_path)


def converse(tls: ssl.SSLContext) -> None:
    async def story() -> None:
        async with Service(tls=tls) as service:
            assert service.url.startswith("wss://")
            conversation = await Conversation.start_session(agent_id="a", server=service.url, text_only=True)
            assert conversation.is_open()
            await conversation.end_session()

    asyncio.run(story())


def test_a_certificate_of_a_trusted_authority_is_good(
    certificate: Callable[..., ssl.SSLContext], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = certificate()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    converse(tls)


def test_a_certificate_of_a_stranger_is_refused(certificate: Callable[..., ssl.SSLContext]) -> None:
    with pytest.raises(SessionUnreachable, match="the certificate of localhost is refused") as caught:
        converse(certificate())
    assert "proxy" in caught.value.hint


def test_a_certificate_from_the_future_means_that_the_clock_is_wrong(
    certificate: Callable[..., ssl.SSLContext], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = certificate(start="20490101000000Z")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with pytest.raises(SessionUnreachable, match="not yet valid") as caught:
        converse(tls)
    assert "clock is wrong" in caught.value.hint


def test_a_certificate_for_another_host_is_refused(
    certificate: Callable[..., ssl.SSLContext], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = certificate(host="elsewhere.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with pytest.raises(SessionUnreachable, match="Hostname mismatch") as caught:
        converse(tls)
    assert "another host" in caught.value.hint


def test_a_server_without_tls_is_told_apart() -> None:
    async def story() -> None:
        async with Service() as service:
            await Conversation.start_session(
                agent_id="a", server=service.url.replace("ws://", "wss://"), text_only=True
            )

    with pytest.raises(SessionUnreachable, match=r"no (secure )?connection to localhost") as caught:
        asyncio.run(story())
    assert "TLS" in caught.value.hint
