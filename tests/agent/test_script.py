from __future__ import annotations

from talkbox_agent.script import Drop, Rule, Trigger


def test_a_rule_waits_for_its_trigger_its_turn_and_its_words() -> None:
    rule = Rule(when=Trigger.TURN, do=(Drop(),), nth=2, text="volume")
    assert rule.matches(Trigger.TURN, count=2, text="The VOLUME please")
    assert not rule.matches(Trigger.TURN, count=1, text="the volume please")
    assert not rule.matches(Trigger.TURN, count=2, text="the time please")
    assert not rule.matches(Trigger.QUIET, count=2, text="the volume please")


def test_a_rule_without_conditions_matches_every_time() -> None:
    assert all(Rule(when=Trigger.QUIET, do=()).matches(Trigger.QUIET, count=count, text="") for count in (1, 2, 9))
