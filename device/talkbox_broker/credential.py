"""The API key: read once, from a file that nobody but root and the broker can read; never shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .errors import CredentialError

NAME = "elevenlabs-api-key"
_MAX_BYTES = 1024
_KEY = re.compile(r"[!-~]{1,512}")  # visible ASCII: it goes into a header
_HINT = "`sudo /opt/talkbox/setup/provisioning/setup.sh --api-key-file -` asks for it, and stores it for the broker"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key whose `repr` does not show it: it must not turn up in a traceback."""

    value: str = field(repr=False)

    def masked_in(self, text: str) -> str:
        """Return `text` without this key, should the service quote it, or part of it as it does with long ones."""
        return re.sub(r"\bsk_\w+", "***", text.replace(self.value, "***"))


def load(path: Path | None, *, environ: Mapping[str, str]) -> ApiKey:
    """
    Read the key.

    Args:
        path: A file that was named for it; `None` = systemd's credential.
        environ: Holds ``CREDENTIALS_DIRECTORY``, if systemd has a credential for us.

    Raises:
        CredentialError: If there is none, or it is none.
    """
    if path is None:
        directory = environ.get("CREDENTIALS_DIRECTORY", "")
        if not directory:
            raise CredentialError("no API key: systemd hands none over", hint=_HINT)
        path = Path(directory) / NAME
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise CredentialError(f"no API key: {path}: {(error.strerror or str(error)).lower()}", hint=_HINT) from error
    key = raw.decode("ascii", "replace").strip()
    if not key:
        raise CredentialError(f"no API key: {path} is empty", hint=_HINT)
    if not _KEY.fullmatch(key):
        # Not what it is instead: it may be the key with something pasted in.
        raise CredentialError(f"no usable API key: {path} must hold one word of visible ASCII", hint=_HINT)
    return ApiKey(key)
