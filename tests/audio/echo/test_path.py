from typing import Any

import numpy as np
import pytest

from talkbox.audio.echo.delay import DelayTracker
from talkbox.audio.echo.guard import Guard
from talkbox.audio.echo.nothing import Nothing
from talkbox.audio.echo.path import EchoPath
from talkbox.audio.echo.ports import BLOCK, RATE_HZ
from talkbox.audio.formats import Samples
from tests.support.tones import tone

LATE = 640


class Weaker(Nothing):
    """A canceller that makes everything softer by a factor, 10 ms late."""

    delay_s = 0.01

    def __init__(self, factor: float) -> None:
        super().__init__(described="weaker")
        self.slips = 0
        self._factor = factor
        self._held = np.zeros(BLOCK, np.int16)

    def process(self, near: Samples, far: Samples) -> Samples:  # noqa: ARG002  the interface's name
        given, self._held = self._held, (near * self._factor).astype(np.int16)
        return given

    def slipped(self) -> None:
        self.slips += 1


def path(canceller: Weaker) -> EchoPath:
    return EchoPath(canceller, tracker=DelayTracker(), guard=Guard())


def fed(path: EchoPath, seconds: float, *, echo: float) -> Samples:
    """What comes out while the agent speaks, with a pause a second in which the noise is heard."""
    rng = np.random.default_rng(1)
    far = (rng.standard_normal(int(seconds * RATE_HZ)) * 3000).astype(np.int16)
    far[np.arange(len(far)) % RATE_HZ > 0.7 * RATE_HZ] = 0
    near = (np.concatenate([np.zeros(LATE, np.int16), far[:-LATE]]) * echo).astype(np.int16)
    near += (rng.standard_normal(len(near)) * 10).astype(np.int16)
    parts = [path.process(near[at : at + BLOCK], far[at : at + BLOCK]) for at in range(0, len(near), BLOCK)]
    return np.concatenate(parts)


def test_a_canceller_that_works_is_measured_and_its_output_passes() -> None:
    made = path(Weaker(0.1))
    out = fed(made, 4.0, echo=0.5)
    assert made.described == "weaker"
    assert made.loss_db is not None
    assert 18 < made.loss_db < 22
    assert made.summary == {
        "canceller": "weaker",
        "half_duplex": False,
        "loss_db": round(made.loss_db, 1),
        "ceiling_db": round(made.ceiling_db, 1),
        "moved": 0,
    }
    assert not made.half_duplex
    assert np.abs(out).max() > 300


def test_a_canceller_that_does_not_makes_the_device_half_duplex() -> None:
    made = path(Weaker(0.9))
    out = fed(made, 12.0, echo=0.5)
    assert made.half_duplex
    assert not made.again
    speaking = out.reshape(-1, RATE_HZ)[-1][: RATE_HZ // 2]
    assert not speaking.any()


def test_without_an_echo_there_is_no_verdict() -> None:
    made = path(Weaker(1.0))
    fed(made, 3.0, echo=0.0)
    assert made.summary["loss_db"] is None
    assert not made.half_duplex


def test_a_slip_is_told_to_who_must_know() -> None:
    canceller = Weaker(0.1)
    made = path(canceller)
    fed(made, 3.0, echo=0.5)
    made.slipped()
    assert canceller.slips == 1
    before = made.loss_db
    fed(made, 0.9, echo=0.0)  # the delay is unknown: nothing can be said
    assert made.loss_db == before


def test_half_duplex_begins_and_ends_without_a_click() -> None:
    made = EchoPath(Nothing(), tracker=DelayTracker(), guard=Guard(always=True))
    said = tone(440, rate_hz=RATE_HZ, seconds=3.0)
    far = np.where(np.arange(len(said)) % RATE_HZ < 1600, said, 0).astype(np.int16)
    out = np.concatenate(
        [made.process(said[at : at + BLOCK], far[at : at + BLOCK]) for at in range(0, len(said), BLOCK)]
    )
    begins, ends = RATE_HZ, RATE_HZ + 1600 + int(0.4 * RATE_HZ)
    assert out[begins - 1] == said[begins - 1]
    assert not out[begins + 48 : ends - BLOCK].any()
    assert out[ends + 48 : 2 * RATE_HZ].tolist() == said[ends + 48 : 2 * RATE_HZ].tolist()
    assert np.abs(np.diff(out)).max() < 1.1 * np.abs(np.diff(said)).max()


def test_a_session_that_follows_one_in_which_the_agent_was_speaking_begins_with_its_own_first_word_whole() -> None:
    canceller = Weaker(1.0)
    made = EchoPath(canceller, tracker=DelayTracker(), guard=Guard(always=True))
    agent, silence, word = np.full(BLOCK, 3000, np.int16), np.zeros(BLOCK, np.int16), np.full(BLOCK, 5000, np.int16)
    for _ in range(50):
        made.process(agent, agent)
    made.begin()
    heard = [made.process(word, silence).tolist() for _ in range(5)]
    assert heard == [silence.tolist(), *[word.tolist()] * 4]  # late by the canceller's 10 ms


class Failing(Weaker):
    """One that works for a second."""

    def process(self, near: Samples, far: Samples) -> Samples:
        self.blocks = getattr(self, "blocks", 0) + 1
        if self.blocks > 100:
            raise MemoryError("no room")
        return super().process(near, far)


def test_a_canceller_that_raises_is_done_without_in_half_duplex() -> None:
    made = path(Failing(0.1))
    fed(made, 1.0, echo=0.5)
    assert (made.failure, made.half_duplex) == (None, False)
    out = fed(made, 2.0, echo=0.5).reshape(-1, RATE_HZ)
    failure = made.failure
    assert isinstance(failure, MemoryError)
    assert not out[1][: RATE_HZ // 2].any()  # while the agent speaks, nothing
    assert made.summary["canceller"] == "half duplex"
    assert made.summary["half_duplex"] is True
    assert made.delay_s == 0.0
    near = np.full(BLOCK, 700, np.int16)
    silence = np.zeros(BLOCK, np.int16)
    heard = [made.process(near, silence) for _ in range(100)]
    assert heard[-1].tolist() == near.tolist()  # and when it does not, everything
    assert made.failure is failure


@pytest.mark.parametrize(
    "nonsense",
    [np.zeros(BLOCK - 1, np.int16), np.zeros((BLOCK, 1), np.int16), np.full(BLOCK, np.nan, np.float32), None],
)
def test_a_canceller_that_returns_nonsense_is_one_that_raises(nonsense: Any) -> None:
    class Odd(Nothing):
        def process(self, near: Samples, far: Samples) -> Samples:  # noqa: ARG002  the interface's name
            result: Samples = nonsense
            return result

    made = EchoPath(Odd(), tracker=DelayTracker(), guard=Guard())
    near, silence = np.full(BLOCK, 700, np.int16), np.zeros(BLOCK, np.int16)
    assert made.process(near, silence).tolist() == near.tolist()
    assert made.half_duplex
    assert isinstance(made.failure, TypeError | AttributeError)


def test_a_canceller_that_lets_nothing_pass_is_done_without_and_one_that_removes_echo_is_not() -> None:
    far = (np.random.default_rng(1).standard_normal(BLOCK) * 3000).astype(np.int16)
    loud, soft, silence = far, (far // 100).astype(np.int16), np.zeros(BLOCK, np.int16)
    made = path(Weaker(0.0))
    for near, said in [(loud, far), (soft, silence)] * 300:  # the agent alone, and a quiet room
        assert not made.process(near, said).any()
    assert made.failure is None
    for near in [loud, soft] * 210:  # somebody speaks to it
        made.process(near, silence)
    assert str(made.failure) == "nothing passes it, with the agent silent"
    assert made.process(loud, silence).tolist() == loud.tolist()


def test_an_echo_as_loud_as_the_agent_lowers_the_ceiling_to_where_it_leaves_room() -> None:
    made = path(Weaker(0.1))
    assert made.ceiling_db == -1.0
    fed(made, 4.0, echo=1.0)
    assert made.ceiling_db == pytest.approx(-9.0, abs=0.5)


def test_the_ceiling_outlives_a_slip() -> None:
    made = path(Weaker(0.1))
    fed(made, 4.0, echo=1.0)
    before_db = made.ceiling_db
    made.slipped()
    assert made.ceiling_db == before_db


def test_the_ceiling_is_lowered_before_the_delay_is_known() -> None:
    made = path(Weaker(0.0))
    fed(made, 1.0, echo=0.2)
    assert made.ceiling_db == -1.0
    made.slipped()
    fed(made, 1.0, echo=1.0)
    assert made.ceiling_db == pytest.approx(-9.0, abs=1.0)


def test_until_the_agent_sounds_the_microphone_passes_as_it_is_and_as_late() -> None:
    made = path(Weaker(0.1))
    rng = np.random.default_rng(4)
    for _ in range(2):  # every session begins so
        made.begin()
        word = (rng.standard_normal(20 * BLOCK) * 3000).astype(np.int16)
        silence, agent = np.zeros(BLOCK, np.int16), np.full(BLOCK, 3000, np.int16)
        parts = [word[at : at + BLOCK] for at in range(0, len(word), BLOCK)]
        said = [agent if n in (0, 3, 10) else silence for n in range(20)]  # first what is left of a cue
        out = np.concatenate([made.process(near, far) for near, far in zip(parts, said, strict=True)])
        assert out[BLOCK : 10 * BLOCK].tolist() == word[: 9 * BLOCK].tolist()
        assert out[11 * BLOCK :].tolist() == (word[10 * BLOCK : 19 * BLOCK] * 0.1).astype(np.int16).tolist()
        going_over = np.abs(out[10 * BLOCK : 11 * BLOCK])
        assert (going_over <= np.abs(word[9 * BLOCK : 10 * BLOCK]) + 1).all()
        assert going_over[:40].max() > 2 * going_over[-40:].max()


def test_a_slip_mutes_the_microphone_once_the_agent_has_been_heard_and_not_before() -> None:
    made = EchoPath(Weaker(1.0), tracker=DelayTracker(), guard=Guard(learns_s=1.0))
    fed(made, 3.0, echo=0.5)
    made.begin()
    made.slipped()
    assert np.abs(fed(made, 0.5, echo=0.5)).max() > 1000
    made.slipped()
    after = fed(made, 3.0, echo=0.5)
    assert not after[RATE_HZ // 100 : RATE_HZ].any()
    assert np.abs(after[-RATE_HZ:]).max() > 1000


def test_an_echo_that_has_moved_is_a_slip_and_counted() -> None:
    canceller, tracker = Weaker(1.0), DelayTracker()
    made = EchoPath(canceller, tracker=tracker, guard=Guard(learns_s=1.0))
    fed(made, 3.0, echo=0.5)
    known = tracker.delay
    canceller.moved = True
    made.process(np.zeros(BLOCK, np.int16), np.zeros(BLOCK, np.int16))
    canceller.moved = False
    assert (canceller.slips, made.moves, made.summary["moved"]) == (1, 1, 1)
    assert known is not None
    assert tracker.delay is None
    assert not fed(made, 0.5, echo=0.5)[RATE_HZ // 100 :].any()
