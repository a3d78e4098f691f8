"""The lights: patterns, a theme, and what brings them to the LEDs. Knows no bus and no session."""
