"""
Talkbox's embedded agent: a small voice agent that speaks the service's protocol on a local port.

A program of its own. It shares no code with the client that talks to it, so that a misreading
of the protocol cannot hide in both.
"""
