from __future__ import annotations

import os
from pathlib import Path

import pytest

from talkbox_agent import cli


@pytest.mark.parametrize(
    ("options", "status", "complaint"),
    [
        (["--script", "{folder}/no.toml"], os.EX_CONFIG, "no.toml: No such file"),
        (
            ["--script", "{folder}/bad.toml"],
            os.EX_CONFIG,
            "unknown key session.outputformat; did you mean output_format",
        ),
        (["--api-key-file", "{folder}/no.key"], os.EX_NOINPUT, "no.key: No such file"),
        (["--api-key-file", "{folder}/empty.key"], os.EX_NOINPUT, "the file is empty"),
        (["--voice", "nobody", "--script", "{folder}/good.toml"], os.EX_UNAVAILABLE, "no voice called 'nobody'"),
    ],
)
def test_what_cannot_be_used_is_a_clear_error(  # noqa: PLR0917  parameters of the test
    options: list[str],
    status: int,
    complaint: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "bad.toml").write_text('[session]\noutputformat = "pcm_16000"\n')
    (tmp_path / "good.toml").write_text("")
    (tmp_path / "empty.key").write_text("\n")
    monkeypatch.setattr("talkbox_agent.voice.shutil.which", lambda _name: None)
    assert cli.main([*(option.format(folder=tmp_path) for option in options), "--port", "0"]) == status
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert complaint in error


@pytest.mark.parametrize("options", [["--port", "70000"], ["--port", "x"], ["--input-format", "mp3"], ["--nonsense"]])
def test_wrong_usage_has_its_own_exit_status(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(options)
    assert caught.value.code == os.EX_USAGE
    assert "usage: talkbox-agent" in capsys.readouterr().err


def test_help_says_what_can_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"])
    assert caught.value.code == os.EX_OK
    assert "set the volume to forty percent" in capsys.readouterr().out
