"""Answers that nobody would give on purpose: refused before anything is done, or taken for what they are."""

import pytest

from tests.support.pi_tree import PiTree, write

KEY = "sk_0123456789abcdef"
PRIVATE = ("--private", "--board", "respeaker-2mic-v1", "--consent", "--api-key-file", "-")
PUBLIC = ("--public", "--board", "respeaker-2mic-v1", "--consent")


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "[setup]\nconsent = false\n"])
def test_a_file_that_answers_nothing_is_no_mistake(pi: PiTree, text: str) -> None:
    write(pi.root / "boot/firmware/talkbox.toml", text)
    done = pi.setup("--agent-id", "agent_1", *PUBLIC)
    assert done.code == 0, done.said


@pytest.mark.parametrize(
    "agent_id", ['a"b', "a b", "a\nconsent=yes", "agent_\xfc", "$(reboot)", "x" * 129, "-n", "\x1b[2J"]
)
def test_an_agent_id_that_the_broker_would_not_take_is_refused_before_anything(pi: PiTree, agent_id: str) -> None:
    refused = pi.setup("--agent-id", agent_id, *PRIVATE, text=KEY)
    assert refused.code == 64, refused.said
    assert "agent" in refused.lines("failed")[0]
    assert "\x1b[2J" not in refused.said
    assert not (pi.root / "opt/talkbox").exists()
    assert not (pi.root / "var/lib/talkbox-setup/answers").exists()


def test_the_id_of_a_public_agent_may_have_other_signs(pi: PiTree) -> None:
    assert pi.setup("--agent-id", 'home/"kitchen"', *PUBLIC).code == 0
    assert 'agent_id = "home/\\"kitchen\\""' in (pi.root / "etc/talkbox/talkbox.toml").read_text()


@pytest.mark.parametrize("key", ["sk_\xe91", "\ufeffsk_abc", "\u201csk_abc\u201d", "sk a", "x" * 513, "sk_\x1bb"])
def test_a_key_that_the_broker_could_not_use_is_refused_and_not_shown(pi: PiTree, key: str) -> None:
    refused = pi.setup("--agent-id", "agent_1", *PRIVATE, text=key)
    assert refused.code == 64, refused.said
    assert key not in refused.said
    assert not (pi.root / "opt/talkbox").exists()


def test_a_key_of_signs_that_mean_something_to_a_shell_is_kept_as_it_is(pi: PiTree) -> None:
    key = "sk_a'b\"c$(x)`y`\\z;&|*="
    done = pi.setup("--agent-id", "agent_1", *PRIVATE, text=key, NO_CREDS="1")
    assert done.code == 0, done.said
    assert (pi.root / "etc/credstore/talkbox-broker.elevenlabs-api-key").read_text() == f"{key}\n"


def test_a_new_key_takes_the_old_ones_place_where_it_cannot_be_encrypted(pi: PiTree) -> None:
    """The card of a device that is in use, in the reader of a laptop."""
    encrypted, plain = (
        pi.root / f"etc/{folder}/talkbox-broker.elevenlabs-api-key" for folder in ("credstore.encrypted", "credstore")
    )
    drop_in = pi.root / "etc/systemd/system/talkbox-broker.service.d/encrypted-key.conf"
    pi.setup("--agent-id", "agent_1", *PRIVATE, text=KEY)
    assert encrypted.exists()
    changed = pi.setup("--agent-id", "agent_1", *PRIVATE, text="sk_new", live=False)
    assert changed.code == 0, changed.said
    assert plain.read_text() == "sk_new\n"
    assert not encrypted.exists()
    assert not drop_in.exists()
    pi.setup("--agent-id", "agent_1", "--private")
    assert not plain.exists()
    assert encrypted.exists()
    assert drop_in.exists()


def test_the_broker_runs_before_the_first_press_and_only_where_it_knows_an_agent(pi: PiTree) -> None:
    link = pi.root / "etc/systemd/system/multi-user.target.wants/talkbox-broker.service"
    pi.boot(card="seeed2micvoicec")
    assert pi.setup("--agent-id", "later", *PRIVATE, text=KEY).code == 0
    assert not link.is_symlink()
    assert pi.setup("--agent-id", "agent_1").code == 0
    assert link.is_symlink()
    assert "systemctl start talkbox-broker.service" in pi.called()
    assert pi.setup("--public").code == 0
    assert not link.is_symlink()
