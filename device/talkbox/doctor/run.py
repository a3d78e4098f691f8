"""Make checks one after the other. Knows none of them."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from talkbox.errors import TalkboxError

from .check import Check, Figures, Result, Status, failed, skipped, unseen


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    A check that was made.

    Attributes:
        took_s: How long it took.
        fixed: What was done about it, in words; the result is that of looking again afterwards.
    """

    check: Check
    result: Result
    took_s: float
    fixed: str = ""


def examine(
    checks: Iterable[Check],
    *,
    fix: bool = False,
    begin: Callable[[Check], None] = lambda _check: None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Finding]:
    """
    Yield what each check finds, in their order.

    Args:
        checks: What to look at.
        fix: Whether what can be mended without a person is.
        begin: Called before each.
        clock: Seconds.
    """
    trouble: dict[str, set[str]] = {}  # of checks that failed, and of those that need them: the titles of the culprits
    for check in checks:
        began_s, fixed = clock(), ""
        begin(check)
        culprits = set().union(*(trouble.get(name, ()) for name in check.needs))
        result = skipped(f"see {' and '.join(sorted(culprits))} first") if culprits else looked(check)
        if fix and result.fix is not None:
            result, fixed = _mended(check, result)
        if result.status is Status.FAILED:
            culprits = {check.title}
        if culprits:
            trouble[check.name] = culprits
        yield Finding(check=check, result=result, took_s=clock() - began_s, fixed=fixed)


def looked(check: Check) -> Result:
    """Return what a check finds; what it raises is something found as well."""
    try:
        return check.look()
    except (TalkboxError, OSError) as error:
        return of_error(error)
    except Exception as error:  # noqa: BLE001  whatever a check trips over, the others are still to be made
        where = traceback.extract_tb(error.__traceback__)[-1]
        said = f"the check itself broke: {type(error).__name__}: {error} ({where.name}, line {where.lineno})"
        return failed(said, "that is a bug of Talkbox: please send `talkbox report`")


def of_error(error: TalkboxError | OSError) -> Result:
    """Return what an error says: that it failed, or that this user may not see."""
    if isinstance(error, TalkboxError):
        denied = isinstance(error.__cause__, PermissionError)
        return unseen(str(error)) if denied else failed(str(error), error.hint)
    where = f": {error.filename}" if error.filename is not None else ""
    said = f"{(error.strerror or str(error) or type(error).__name__).lower()}{where}"
    return unseen(said) if isinstance(error, PermissionError) else failed(said, "")


def _mended(check: Check, result: Result) -> tuple[Result, str]:
    assert result.fix is not None  # noqa: S101  asked before
    try:
        result.fix.act()
    except (TalkboxError, OSError) as error:
        why = of_error(error)
        figures: Figures = {**result.figures, "fix_failed": why.said}
        said = f"{result.said}\nit could not be mended: {why.said}"
        return replace(result, said=said, remedy=why.remedy or result.remedy, figures=figures), ""
    return looked(check), result.fix.says
