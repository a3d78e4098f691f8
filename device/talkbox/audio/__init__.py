"""The audio path: microphone to payload, payload to loudspeaker. Knows no network and no board."""
