import pytest

from talkbox.doctor.check import Check, Fix, Result, Status, failed, ok, unseen, warning
from talkbox.doctor.run import Finding, examine, looked
from talkbox.errors import BoardUnusable, ConfigError, TalkboxError


def check(name: str, *results: Result, needs: tuple[str, ...] = ()) -> Check:
    """A check that finds one thing after the other."""
    waiting = list(results)
    return Check(name=name, title=name.upper(), look=lambda: waiting.pop(0), needs=needs)


def statuses(findings: list[Finding]) -> dict[str, Status]:
    return {finding.check.name: finding.result.status for finding in findings}


def test_every_check_is_made_in_order_announced_and_timed() -> None:
    begun: list[str] = []
    ticks = iter([0.0, 1.5, 2.0, 2.25])
    findings = list(
        examine(
            [check("a", ok("well")), check("b", failed("not", "mend it"))],
            begin=lambda one: begun.append(one.name),
            clock=lambda: next(ticks),
        )
    )
    assert begun == ["a", "b"]
    assert [finding.took_s for finding in findings] == [1.5, 0.25]
    assert statuses(findings) == {"a": Status.OK, "b": Status.FAILED}


def test_what_needs_something_that_failed_is_skipped_and_names_the_first_cause() -> None:
    findings = list(
        examine(
            [
                check("a", failed("no", "mend it")),
                check("b", ok("never looked"), needs=("a",)),
                check("c", ok("never looked"), needs=("b", "elsewhere")),
                check("d", ok("well"), needs=("elsewhere",)),
            ]
        )
    )
    assert statuses(findings) == {"a": Status.FAILED, "b": Status.SKIPPED, "c": Status.SKIPPED, "d": Status.OK}
    assert findings[2].result.said == "see A first"


@pytest.mark.parametrize("result", [warning("hm", "do"), unseen("?")])
def test_a_warning_and_what_was_not_seen_stand_in_nobody_s_way(result: Result) -> None:
    findings = list(examine([check("a", result), check("b", ok("well"), needs=("a",))]))
    assert findings[1].result.status is Status.OK


def raising(error: Exception) -> Check:
    def look() -> Result:
        raise error

    return Check(name="x", title="X", look=look)


def caused(error: TalkboxError, cause: Exception) -> TalkboxError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (ConfigError("no such board", hint="name one"), Status.FAILED, "no such board"),
        (caused(BoardUnusable("not allowed"), PermissionError()), Status.UNSEEN, "not allowed"),
        (PermissionError(13, "Permission denied", "/x"), Status.UNSEEN, "permission denied: /x"),
        (FileNotFoundError(2, "No such file", "/x"), Status.FAILED, "no such file: /x"),
        (TimeoutError("the name took more than 6 s"), Status.FAILED, "the name took more than 6 s"),
        (OSError(), Status.FAILED, "oserror"),
    ],
)
def test_an_error_is_a_result(error: Exception, status: Status, said: str) -> None:
    result = looked(raising(error))
    assert (result.status, result.said) == (status, said)


def test_the_remedy_of_an_error_is_its_hint() -> None:
    assert looked(raising(ConfigError("no such board", hint="name one"))).remedy == "name one"


def test_a_check_that_breaks_stops_no_other_and_says_that_it_is_a_bug() -> None:
    findings = list(examine([raising(KeyError("what")), check("b", ok("well"))]))
    assert statuses(findings) == {"x": Status.FAILED, "b": Status.OK}
    assert "KeyError: 'what' (look, line " in findings[0].result.said
    assert "bug" in findings[0].result.remedy


def fixable(*after: Result, act: Exception | None = None) -> tuple[Check, list[str]]:
    done: list[str] = []

    def do() -> None:
        done.append("done")
        if act is not None:
            raise act

    return check("a", failed("shut", "open it", fix=Fix(says="opened it", act=do), figures={"n": 1}), *after), done


def test_nothing_is_mended_unless_it_is_asked_for() -> None:
    one, done = fixable()
    (finding,) = examine([one])
    assert (done, finding.fixed, finding.result.status) == ([], "", Status.FAILED)


def test_what_was_mended_is_looked_at_again_and_what_needs_it_goes_on() -> None:
    one, done = fixable(ok("open"))
    findings = list(examine([one, check("b", ok("well"), needs=("a",))], fix=True))
    assert done == ["done"]
    assert (findings[0].fixed, findings[0].result.said) == ("opened it", "open")
    assert findings[1].result.status is Status.OK


@pytest.mark.parametrize(
    ("error", "remedy"), [(TalkboxError("denied", hint="use sudo"), "use sudo"), (OSError(5, "Denied"), "open it")]
)
def test_what_cannot_be_mended_says_why(error: Exception, remedy: str) -> None:
    one, _ = fixable(act=error)
    (finding,) = examine([one], fix=True)
    assert (finding.fixed, finding.result.status) == ("", Status.FAILED)
    assert finding.result.said == "shut\nit could not be mended: denied"
    assert finding.result.remedy == remedy
    assert finding.result.figures == {"n": 1, "fix_failed": "denied"}
