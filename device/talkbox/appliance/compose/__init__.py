"""The composition root: `program.py` fits every part together, `hardware.py` fits the board; nobody else knows all."""
