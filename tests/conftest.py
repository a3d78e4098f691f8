"""Set-up of every test: property tests are deterministic, and take the time that a busy machine gives them."""

from hypothesis import settings

settings.register_profile("talkbox", deadline=None, derandomize=True, database=None)
settings.load_profile("talkbox")
