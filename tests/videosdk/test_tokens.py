"""Tokens are valid when they are used, and contain no secret."""

import time

import jwt
import pytest

from bot.videosdk import mint_token
from bot.videosdk.tokens import Tokens
from tests.clock import Clock
from tests.conftest import API_KEY, SECRET_KEY

NOW = 1_700_000_000


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def tokens(clock: Clock) -> Tokens:
    return Tokens(API_KEY, SECRET_KEY, clock=clock)


def claims(token: str) -> dict[str, object]:
    """Return a token's claims, after verifying its signature."""
    options: jwt.types.Options = {"verify_exp": False, "verify_iat": False}
    return dict(jwt.decode(token, SECRET_KEY, algorithms=["HS256"], options=options))


def test_a_token_has_the_key_the_permissions_and_the_lifetime() -> None:
    token = mint_token(API_KEY, SECRET_KEY, now=NOW, lifetime=120)

    assert claims(token) == {
        "apikey": API_KEY,
        "permissions": ["allow_join", "allow_mod"],
        "iat": NOW,
        "exp": NOW + 120,
    }
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}


def test_a_token_lasts_ten_minutes_unless_told_otherwise() -> None:
    assert claims(mint_token(API_KEY, SECRET_KEY, now=NOW))["exp"] == NOW + 600


def test_a_short_secret_causes_no_warning() -> None:
    assert mint_token(API_KEY, "short", now=NOW).count(".") == 2


@pytest.mark.parametrize("age", [0, 0.9, 300, 539, 539.999])
def test_a_token_is_reused_while_it_is_valid(age: float, clock: Clock, tokens: Tokens) -> None:
    first = tokens.current()
    clock.now += age

    assert tokens.current() == first


@pytest.mark.parametrize("change", [540, 600, 86_400, -1, -86_400])
def test_a_token_is_renewed_a_minute_before_its_end_and_when_the_clock_steps_back(
    change: float, clock: Clock, tokens: Tokens
) -> None:
    first = tokens.current()
    clock.now += change

    renewed = tokens.current()
    assert renewed != first
    assert claims(renewed)["exp"] == NOW + change + 600
    assert tokens.current() == renewed


def test_a_token_has_whole_seconds(clock: Clock, tokens: Tokens) -> None:
    clock.now = NOW + 0.987

    assert (claims(tokens.current())["iat"], claims(tokens.current())["exp"]) == (NOW, NOW + 600)


def test_the_clock_of_the_machine_is_used_by_default() -> None:
    before = int(time.time())
    token = Tokens(API_KEY, SECRET_KEY).current()

    assert jwt.decode(token, SECRET_KEY, algorithms=["HS256"])["iat"] in {before, before + 1}
