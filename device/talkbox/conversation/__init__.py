"""The conversation client: a port of the ElevenLabs JavaScript client's `Conversation`. Knows no card and no board."""
