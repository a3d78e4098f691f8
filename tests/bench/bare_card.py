"""
A program that does nothing but read and write the simulated card, as `talkbox run` does: what the card itself costs.

    python -m tests.bench.bare_card 16000
"""

from __future__ import annotations

import sys
import threading

from talkbox_hardware.alsa import open_capture, open_playback


def main() -> None:
    rate_hz = int(sys.argv[1])

    def read() -> None:
        source = open_capture("mic", rate_hz=rate_hz, period_frames=rate_hz // 50)
        while True:
            source.read()

    threading.Thread(target=read, daemon=True).start()
    sink = open_playback("speaker", rate_hz=rate_hz, period_frames=rate_hz // 100)
    period = bytes(rate_hz // 100 * sink.channels * sink.sample_bytes)
    sink.write(period * 3)
    while True:
        sink.write(period)


if __name__ == "__main__":
    main()
