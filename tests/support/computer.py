"""Made-up computers: the files below a root that detection reads."""

from pathlib import Path


def put(root: Path, path: str, text: str) -> None:
    """Write a file as the kernel would show it."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def put_cards(root: Path, *cards: str, usb: dict[str, str] | None = None, pcms: dict[str, str] | None = None) -> None:
    """
    Give the computer sound cards.

    Args:
        root: Where ``proc`` is.
        cards: Their ids, in the kernel's order.
        usb: Card id -> "vendor:product".
        pcms: Card id -> "c", "p" or "cp", what it can do; both where it is not said.
    """
    lines = []
    for index, card in enumerate(cards):
        lines += [f"{index:2} [{card:<15}]: driver - name of {card}", f"{'':22}long name of {card}"]
        for letter in (pcms or {}).get(card, "cp"):
            put(root, f"proc/asound/card{index}/pcm0{letter}/info", "")
        if usb and card in usb:
            put(root, f"proc/asound/card{index}/usbid", f"{usb[card]}\n")
    put(root, "proc/asound/cards", "\n".join(lines) + "\n" if lines else "--- no soundcards ---\n")
