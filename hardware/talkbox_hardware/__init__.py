"""Boards: sound cards, LEDs, button and encoder, as volts, bytes and tuples. Imports nothing of Talkbox."""
