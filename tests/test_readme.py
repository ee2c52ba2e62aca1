"""Every recipe ends in a call that a phone can join, in ten steps and with four secrets."""

import pytest

from tests.readme import RECIPES, follow


@pytest.mark.parametrize("title", RECIPES)
async def test_a_recipe_leads_from_nothing_to_a_call_that_a_phone_can_join(title: str) -> None:
    took = await follow(title)

    assert took.steps <= 10
    assert len(took.secrets) <= 4
    assert took.join_url.startswith("https://")
    assert "<iframe" in took.page
