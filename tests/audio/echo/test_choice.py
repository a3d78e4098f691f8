import pytest

from talkbox.audio.echo.choice import Backend, Choice, Installed, choose
from talkbox.errors import MissingFeature

ALL = Installed(aec3=True, speexdsp=True)
SPEEX = Installed(aec3=False, speexdsp=True)
BARE = Installed(aec3=False, speexdsp=False)


def chosen(
    wanted: str = "auto",
    canceller: str = "auto",
    *,
    hardware_aec: bool = False,
    acoustic: bool = True,
    installed: Installed = ALL,
) -> Choice:
    return choose(wanted=wanted, canceller=canceller, hardware_aec=hardware_aec, acoustic=acoustic, installed=installed)


@pytest.mark.parametrize(
    ("installed", "backend"),
    [
        (ALL, Backend.CASCADE),
        (Installed(aec3=True, speexdsp=False), Backend.CASCADE),
        (SPEEX, Backend.SPEEX),
        (BARE, Backend.NONE),
    ],
)
def test_auto_takes_the_best_that_is_installed(installed: Installed, backend: Backend) -> None:
    choice = chosen(installed=installed)
    assert choice.backend is backend
    assert choice.guarded
    assert bool(choice.hint) is not installed.aec3


def test_a_board_that_cancels_by_itself_is_left_alone() -> None:
    choice = chosen(hardware_aec=True)
    assert (choice.backend, choice.guarded) == (Backend.NONE, False)
    assert "board" in choice.why


def test_files_and_silence_have_no_echo() -> None:
    choice = chosen(acoustic=False)
    assert (choice.backend, choice.guarded) == (Backend.NONE, False)


def test_on_means_on_even_there() -> None:
    assert chosen("on", hardware_aec=True).backend is Backend.CASCADE
    assert chosen("on", acoustic=False).backend is Backend.CASCADE


def test_on_without_a_library_is_refused_with_the_remedy() -> None:
    with pytest.raises(MissingFeature) as caught:
        chosen("on", installed=BARE)
    assert "talkbox[echo]" in caught.value.hint


@pytest.mark.parametrize("canceller", ["auto", *Backend])
def test_off_means_off_whatever_is_named(canceller: str) -> None:
    choice = chosen("off", canceller, installed=BARE)
    assert (choice.backend, choice.guarded) == (Backend.NONE, False)


@pytest.mark.parametrize("backend", Backend)
@pytest.mark.parametrize("hardware_aec", [False, True])
def test_one_that_is_named_is_had(backend: Backend, hardware_aec: bool) -> None:
    choice = chosen(canceller=backend, hardware_aec=hardware_aec)
    assert choice.backend is backend
    assert choice.guarded is (backend is not Backend.NONE)


@pytest.mark.parametrize("backend", [Backend.CASCADE, Backend.AEC3, Backend.SPEEX])
def test_one_that_is_named_and_not_installed_is_refused(backend: Backend) -> None:
    with pytest.raises(MissingFeature, match=backend):
        chosen(canceller=backend, installed=BARE)


def test_half_duplex_needs_nothing() -> None:
    assert chosen(canceller="half-duplex", installed=BARE).backend is Backend.HALF_DUPLEX
