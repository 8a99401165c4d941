"""Rendering cards: what was rendered once is used as long as nothing of it changed."""

from dataclasses import replace
from typing import Any

import pytest
from fakes import CHANNEL, card, seconds, state

from server.core.cards.move import Trial
from server.core.render.message import degraded, fingerprint, render
from server.services.worker.display import DisplayConfig, render_card

DISPLAY = DisplayConfig(CHANNEL, "", seconds(2))
CARD = card(state())


def test_a_rendered_card_has_its_body_and_its_fingerprint() -> None:
    rendered = render_card(CARD, DISPLAY)

    body = render(CARD.content)
    assert (rendered.message, rendered.fingerprint) == (body, fingerprint(body))


def test_a_card_that_differs_in_nothing_that_is_shown_is_not_rendered_again() -> None:
    known = replace(render_card(CARD, DISPLAY), fingerprint="kept")
    noted = replace(CARD, content=state(), message_id="146", attempts=3, revision=7)

    assert render_card(noted, DISPLAY, known) is known


CHANGES: dict[str, dict[str, Any]] = {
    "its state": {"content": state("success")},
    "how simple it is": {"degradation": 1},
    "its file": {"without_file": True},
    "a trial as plain text": {"trial": int(Trial.PLAIN)},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_a_card_is_rendered_again_after_a_change_of(changes: dict[str, Any]) -> None:
    known = replace(render_card(CARD, DISPLAY), fingerprint="kept")

    rendered = render_card(replace(CARD, **changes), DISPLAY, known)

    assert rendered == render_card(replace(CARD, **changes), DISPLAY)
    assert rendered.fingerprint != "kept"


def test_plain_text_is_the_last_level_of_simplicity() -> None:
    plain = replace(CARD, trial=int(Trial.PLAIN))

    assert render_card(plain, DISPLAY).message == degraded(render(CARD.content), 3)
