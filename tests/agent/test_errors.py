from __future__ import annotations

import os

from talkbox_agent.errors import AgentError, ListenError, MissingVoice, OptionError, ScriptError, VoiceError


def test_every_error_ends_the_program_with_a_status_of_sysexits() -> None:
    statuses = {
        kind: kind("x").exit_code
        for kind in (AgentError, ScriptError, ListenError, VoiceError, MissingVoice, OptionError)
    }
    assert statuses == {
        AgentError: os.EX_SOFTWARE,
        ScriptError: os.EX_CONFIG,
        ListenError: os.EX_UNAVAILABLE,
        VoiceError: os.EX_SOFTWARE,
        MissingVoice: os.EX_UNAVAILABLE,
        OptionError: os.EX_NOINPUT,
    }


def test_an_error_carries_its_remedy() -> None:
    assert (str(AgentError("port taken", hint="take another")), AgentError("x", hint="y").hint) == ("port taken", "y")
