from talkbox.appliance.metrics import Metrics, told
from talkbox.audio.timing import Timing
from talkbox.conversation.values import Counters
from tests.support.appliance import SoundCounters


def test_a_session_is_told_in_figures_and_in_one_line() -> None:
    metrics = Metrics(
        pressed_s=100.0, before=SoundCounters(underruns=1, overruns=2, periods_clipped=4, chunks_dropped=3)
    )
    timing = Timing()
    timing.took(None)
    timing.asked(100.52)
    timing.took(101.0)
    timing.asked(101.012)
    timing.silenced(110.0, 110.034)
    metrics.user_spoke(105.0)
    metrics.agent_speaks(105.8)
    metrics.interrupted()
    metrics.agent_speaks(107.0)  # its greeting, or more of the same answer: nobody asked
    figures = metrics.figures(
        now_s=141.24,
        session=Counters(chunks_sent=2050, stale_audio=4, bytes_sent=1_749_000, bytes_received=48_600),
        sound=SoundCounters(underruns=2, starved=3, overruns=2, periods_clipped=6, chunks_dropped=8),
        timing=timing,
    )
    assert figures == {
        "duration_s": 41.2,
        "first_chunk_ms": 520,
        "mic_to_wire_p50_ms": 12,
        "mic_to_wire_p95_ms": 12,
        "answer_p50_ms": 784,
        "answer_p95_ms": 784,
        "silence_p50_ms": 35,
        "silence_p95_ms": 35,
        "turns": 2,
        "interruptions": 1,
        "underruns": 1,
        "starved": 3,
        "overruns": 0,
        "periods_clipped": 2,
        "chunks_dropped": 5,
        "late_chunks": 0,
        "stale_audio": 4,
        "chunks_sent": 2050,
        "bytes_out": 1_749_000,
        "bytes_in": 48_600,
    }
    assert told(figures) == (
        "41.2 s; press to first chunk 520 ms; mic to wire 12 ms (p95 12); answer 784 ms (p95 784); "
        "silence 35 ms (p95 35); underruns 1, starved 3, overruns 0, periods clipped 2, late chunks 0, "
        "chunks dropped 5; 1.7 MB out, 49 kB in"
    )


def test_what_was_not_measured_is_not_told() -> None:
    metrics = Metrics(pressed_s=0.0, before=SoundCounters())
    figures = metrics.figures(now_s=2.0, session=Counters(), sound=SoundCounters(), timing=Timing())
    assert not [name for name in figures if name.endswith("_ms")]
    assert told(figures) == (
        "2 s; underruns 0, starved 0, overruns 0, periods clipped 0, late chunks 0, chunks dropped 0; 0 kB out, 0 kB in"
    )


def test_an_answer_is_timed_once_from_what_was_said_last() -> None:
    metrics = Metrics(pressed_s=0.0, before=SoundCounters())
    metrics.user_spoke(1.0)
    metrics.user_spoke(2.0)
    metrics.agent_speaks(2.5)
    metrics.agent_speaks(9.0)
    figures = metrics.figures(now_s=10.0, session=Counters(), sound=SoundCounters(), timing=Timing())
    assert 490 <= figures["answer_p95_ms"] <= 513
    assert metrics.since_press_s(0.48) == 0.48
