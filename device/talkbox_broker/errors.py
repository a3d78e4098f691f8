"""
Every error that ends the broker on purpose. What ends one request is a `Refused`, of `refusals.py`.

* `BrokerError`
    * `SettingsError`    the settings cannot be used; retrying cannot help
    * `CredentialError`  there is no API key that could be used
    * `ListenError`      there is no socket to answer on
"""

from __future__ import annotations

import os


class BrokerError(Exception):
    """
    Base class. ``str(error)`` is one line, but for settings with several problems.

    Attributes:
        hint: What the person who set the broker up can do, or ``""``.
        exit_code: Process status when this error ends the program (sysexits.h).
    """

    exit_code: int = os.EX_SOFTWARE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SettingsError(BrokerError):
    """The settings cannot be used; one line a problem, each with its file and key."""

    exit_code = os.EX_CONFIG


class CredentialError(BrokerError):
    """There is no API key, or what is there is none. Never says what it holds."""

    exit_code = os.EX_NOINPUT


class ListenError(BrokerError):
    """There is no socket, it is not one that the broker may answer on, or its path is taken."""

    exit_code = os.EX_UNAVAILABLE
