"""The API key (`credential`)."""

import os
from pathlib import Path

import pytest

from talkbox_broker.credential import NAME, ApiKey, load
from talkbox_broker.errors import CredentialError

KEY = "sk_0123456789abcdef"


def failing(path: Path | None, environ: dict[str, str]) -> str:
    with pytest.raises(CredentialError) as caught:
        load(path, environ=environ)
    assert caught.value.exit_code == os.EX_NOINPUT
    assert "setup.sh" in caught.value.hint
    return str(caught.value)


@pytest.mark.parametrize("text", [KEY, f"{KEY}\n", f"  {KEY}\r\n\n"])
def test_the_key_comes_from_systemd_without_the_blanks_around_it(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    assert load(None, environ={"CREDENTIALS_DIRECTORY": str(tmp_path)}) == ApiKey(KEY)


def test_a_file_that_is_named_goes_first(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("another")
    (tmp_path / "key").write_text(KEY)
    assert load(tmp_path / "key", environ={"CREDENTIALS_DIRECTORY": str(tmp_path)}) == ApiKey(KEY)


def test_without_a_key_it_says_so(tmp_path: Path) -> None:
    assert failing(None, {}) == "no API key: systemd hands none over"
    where = f"{tmp_path}/{NAME}"
    assert failing(None, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == f"no API key: {where}: no such file or directory"
    (tmp_path / NAME).write_text(" \n")
    assert failing(tmp_path / NAME, {}) == f"no API key: {where} is empty"


@pytest.mark.parametrize("text", [f"{KEY}\n{KEY}", f"xi-api-key: {KEY}", f"{KEY}\r\nX-Evil: 1", "clé_" + KEY, KEY * 50])
def test_what_is_no_key_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text, "utf-8")
    said = failing(tmp_path / "key", {})
    assert said == f"no usable API key: {tmp_path}/key must hold one word of visible ASCII"


def test_neither_a_traceback_nor_an_answer_shows_it() -> None:
    key = ApiKey(KEY)
    assert KEY not in repr(key)
    assert KEY not in str([key])
    assert key.masked_in(f"Invalid key {KEY}, or sk_012345") == "Invalid key ***, or ***"
    assert ApiKey("plain").masked_in("the plain key") == "the *** key"
