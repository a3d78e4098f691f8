"""
The configuration as text: what is in force and where it came from, and every key there is.

Both are TOML that can be read back. Neither shows a secret.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Callable, Mapping

from . import settings
from .masking import MASK, mask, printable
from .settings import KEYS, TABLES, Config, Key

_BARE = re.compile(r"[A-Za-z0-9_-]+")
# JSON leaves these as they are: TOML forbids the first, and the others move a terminal's cursor.
_RAW_CONTROLS = re.compile(r"[\x7f-\x9f]")


def show(config: Config) -> str:
    """Return the values in force as TOML, each with where it came from, secrets masked."""
    return _document(lambda key: (f"{_line(key, config)}  # {printable(config.origins[str(key)])}",))


def reference() -> str:
    """Return a TOML file of every key with its default, each below what it means and what it may be."""
    texts, defaults = _documentation(), Config()

    def lines(key: Key) -> tuple[str, ...]:
        return f"# {texts[str(key)]}", f"# It must be {key.allowed()}.", f"# {_line(key, defaults)}", ""

    return _document(lines)


def _document(lines: Callable[[Key], tuple[str, ...]]) -> str:
    blocks = []
    for table, keys in KEYS.items():
        body = "\n".join(line for key in keys.values() for line in lines(key))
        blocks.append(f"[{table}]\n{body.rstrip()}\n")
    return "\n".join(blocks)


def _line(key: Key, config: Config) -> str:
    value = getattr(getattr(config, key.table), key.name)
    if key.secret:
        value = dict.fromkeys(value, MASK)
    return mask(f"{key.name} = {toml(value)}")


def toml(value: object) -> str:
    """Write one value as TOML, on one line."""
    match value:
        case Mapping():
            inner = ", ".join(f"{_name(name)} = {toml(item)}" for name, item in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case list() | tuple():
            return f"[{', '.join(toml(item) for item in value)}]"
        case bool():
            return str(value).lower()
        case str():
            text = json.dumps(value, ensure_ascii=False)
            return _RAW_CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
        case _:
            return repr(value)


def _name(name: object) -> str:
    return str(name) if _BARE.fullmatch(str(name)) else toml(str(name))


def _documentation() -> dict[str, str]:
    """Return the text under each key, which Python itself throws away."""
    tables = {kind.__name__: table for table, kind in TABLES.items()}
    found = {}
    for node in ast.parse(inspect.getsource(settings)).body:
        if isinstance(node, ast.ClassDef) and node.name in tables:
            for above, below in zip(node.body, node.body[1:], strict=False):
                match above, below:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                        found[f"{tables[node.name]}.{name}"] = text
    return found
