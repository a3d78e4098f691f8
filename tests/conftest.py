"""
Set-up of every test: property tests are deterministic, and take the time that a busy machine gives them; and no device
remembers anything in the folders of whoever runs the tests.
"""

import os
import tempfile

from hypothesis import settings

settings.register_profile("talkbox", deadline=None, derandomize=True, database=None)
settings.load_profile("talkbox")

_state = tempfile.TemporaryDirectory(prefix="talkbox-state-")
os.environ["STATE_DIRECTORY"] = _state.name
