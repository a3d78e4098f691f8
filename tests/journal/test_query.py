from talkbox.journal.query import FIRST_ENTRIES, MOST_ENTRIES, UNITS, Query


def test_without_wishes_it_is_the_last_entries_of_our_units() -> None:
    arguments = Query().arguments()
    assert arguments[:3] == ["--output=json", "--all", "--no-pager"]
    assert [argument for argument in arguments if argument.startswith("--unit=")] == [
        f"--unit={unit}" for unit in UNITS
    ]
    assert arguments[-1] == f"--lines={MOST_ENTRIES}"


def test_who_follows_begins_with_a_few() -> None:
    assert Query(follow=True).arguments()[-2:] == ["--follow", f"--lines={FIRST_ENTRIES}"]


def test_journald_filters_by_level_time_and_conversation_and_then_nothing_is_left_out() -> None:
    arguments = Query(errors=True, since="1 hour ago", conversation_id="conv_1").arguments()
    assert arguments[-4:] == [
        "--priority=warning",
        "--since=1 hour ago",
        "TALKBOX_CONVERSATION_ID=conv_1",
        "--lines=all",
    ]


def test_no_value_becomes_an_option() -> None:
    hostile = "--directory=/etc"
    arguments = Query(since=hostile, conversation_id=hostile).arguments()
    assert hostile not in arguments
    assert f"--since={hostile}" in arguments
    assert f"TALKBOX_CONVERSATION_ID={hostile}" in arguments
