"""A time-out says what did not happen."""

import asyncio

import pytest

from talkbox.conversation.within import within
from talkbox.errors import SessionTimeout
from tests.support.virtual_time import run


def test_what_takes_too_long_is_a_session_time_out() -> None:
    async def story() -> None:
        with pytest.raises(SessionTimeout, match=r"^no answer within 2\.5 s$"):
            async with within(2.5, "no answer"):
                await asyncio.sleep(3)
        assert asyncio.get_running_loop().time() == pytest.approx(2.5)

    run(story())


def test_what_is_quick_enough_and_what_fails_pass() -> None:
    async def story() -> None:
        async with within(2.5, "no answer"):
            await asyncio.sleep(2)
        with pytest.raises(ValueError, match="an answer, but which"):
            async with within(2.5, "no answer"):
                raise ValueError("an answer, but which")

    run(story())
