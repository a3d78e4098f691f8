"""What ends the broker (`errors`)."""

import os

import pytest

from talkbox_broker.errors import BrokerError, CredentialError, ListenError, SettingsError


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (BrokerError, os.EX_SOFTWARE),
        (SettingsError, os.EX_CONFIG),
        (CredentialError, os.EX_NOINPUT),
        (ListenError, os.EX_UNAVAILABLE),
    ],
)
def test_each_has_its_exit_status_and_its_remedy(kind: type[BrokerError], status: int) -> None:
    error = kind("what happened", hint="what to do")
    assert (str(error), error.hint, error.exit_code) == ("what happened", "what to do", status)
