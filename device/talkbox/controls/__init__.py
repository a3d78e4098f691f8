"""Button and encoder: from edges to gestures. Knows no pin, no session and no light."""
