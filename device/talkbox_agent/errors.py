"""
Every error the agent raises on purpose.

* `AgentError`
    * `ScriptError`    the script cannot be used; retrying cannot help
    * `ListenError`    the address cannot be listened on
    * `VoiceError`     the synthesiser failed on one sentence
    * `MissingVoice`   a voice was asked for by name and is not installed
    * `OptionError`    an option names something that cannot be used
"""

from __future__ import annotations

import os


class AgentError(Exception):
    """
    Base class. ``str(error)`` is one line, but for a script with several problems.

    Attributes:
        hint: What the person who started the agent can do, or ``""``.
        exit_code: Process status when this error ends the program (sysexits.h).
    """

    exit_code: int = os.EX_SOFTWARE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ScriptError(AgentError):
    """The script cannot be used; one line a problem, each with its file and key."""

    exit_code = os.EX_CONFIG


class ListenError(AgentError):
    """The address is taken, not ours, or no address at all."""

    exit_code = os.EX_UNAVAILABLE


class VoiceError(AgentError):
    """The synthesiser said nothing that can be played."""


class MissingVoice(AgentError):
    """A voice was asked for by name, and no synthesiser here has it."""

    exit_code = os.EX_UNAVAILABLE


class OptionError(AgentError):
    """An option of the command line names something that cannot be used."""

    exit_code = os.EX_NOINPUT
