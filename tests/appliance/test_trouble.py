import pytest

from talkbox.appliance.trouble import notice_of
from talkbox.errors import (
    AudioDeviceLost,
    AudioDeviceMissing,
    AudioError,
    ServiceError,
    SessionLost,
    SessionRefused,
    SessionTimeout,
    SessionUnreachable,
    TalkboxError,
)
from talkbox.lights.theme import Notice


@pytest.mark.parametrize(
    ("error", "notice"),
    [
        (SessionUnreachable("no route"), Notice.NETWORK),
        (SessionTimeout("no metadata"), Notice.NETWORK),
        (SessionLost("gone", code=1006), Notice.NETWORK),
        (SessionRefused(status=401, reason="no"), Notice.REFUSED),
        (AudioError("refused"), Notice.SOUND_CARD),
        (AudioDeviceMissing("no card"), Notice.SOUND_CARD),
        (AudioDeviceLost("gone"), Notice.SOUND_CARD),
        (ServiceError("oops"), Notice.SERVICE),
        (None, Notice.SERVICE),
    ],
)
def test_an_error_says_where_to_look(error: TalkboxError | None, notice: Notice) -> None:
    assert notice_of(error) is notice
