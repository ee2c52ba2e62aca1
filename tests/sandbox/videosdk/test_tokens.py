"""Tokens are accepted and rejected like by VideoSDK."""

import base64
from typing import Any

import jwt
import pytest

from bot.sandbox.videosdk.tokens import join_refusal, v2_refusal, valid_claims

API_KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
SECRET = "b7f3" * 16
NOW = 1641364876.018
CLAIMS: dict[str, Any] = {
    "apikey": API_KEY,
    "permissions": ["allow_join"],
    "iat": int(NOW),
    "exp": int(NOW) + 600,
}


def token(key: str = SECRET, **changes: object) -> str:
    return jwt.encode({**CLAIMS, **changes}, key, algorithm="HS256")


def without(claim: str) -> str:
    payload = {name: value for name, value in CLAIMS.items() if name != claim}
    return jwt.encode(payload, SECRET, algorithm="HS256")


def unsigned(header: bytes) -> str:
    return base64.urlsafe_b64encode(header).decode().rstrip("=") + ".e30.e30"


@pytest.mark.parametrize(
    "good",
    [
        token(),
        token(exp=NOW + 0.5),
        token(version=2, roles=["crawler"]),
        token(iat=int(NOW) + 60),
        without("iat"),
    ],
)
def test_a_signed_token_of_the_account_is_valid_until_it_expires(good: str) -> None:
    assert valid_claims(good, API_KEY, SECRET, NOW)


@pytest.mark.parametrize("claim", ["apikey", "permissions", "exp"])
def test_a_token_without_a_mandatory_claim_is_invalid(claim: str) -> None:
    assert not valid_claims(without(claim), API_KEY, SECRET, NOW)


@pytest.mark.parametrize(
    "bad",
    [token(key="0" * 64), token(exp=int(NOW)), token(exp="2122-01-05"), token(apikey="another")],
    ids=["signature", "expired", "date", "key"],
)
def test_a_token_with_another_secret_time_or_account_is_invalid(bad: str) -> None:
    assert not valid_claims(bad, API_KEY, SECRET, NOW)


def test_a_token_with_another_algorithm_is_invalid() -> None:
    _, payload, signature = token().split(".")
    relabelled = base64.urlsafe_b64encode(b'{"alg":"RS256","typ":"JWT"}').decode().rstrip("=")

    for other in (
        jwt.encode(CLAIMS, "", algorithm="none"),
        f"{relabelled}.{payload}.{signature}",
        jwt.encode(CLAIMS, SECRET, algorithm="HS384"),
    ):
        assert not valid_claims(other, API_KEY, SECRET, NOW)


@pytest.mark.parametrize(
    "junk",
    ["", "x", "a.b.c", "\udcff", "é.é.é", unsigned(b"[" * 5_000), unsigned(b"7")],
    ids=repr,
)
def test_a_malformed_token_is_invalid(junk: str) -> None:
    assert not valid_claims(junk, API_KEY, SECRET, NOW)


@pytest.mark.parametrize("more", [{}, {"version": 2}, {"version": 2, "roles": ["crawler"]}])
def test_v2_accepts_a_token_without_roles_or_of_a_crawler(
    more: dict[str, Any],
) -> None:
    assert v2_refusal(CLAIMS | more) == ""


@pytest.mark.parametrize("more", [{"version": 1}, {"version": "2"}, {"roles": ["crawler"]}])
def test_v2_rejects_a_token_of_another_version(more: dict[str, Any]) -> None:
    assert "valid payload version" in v2_refusal(CLAIMS | more)


@pytest.mark.parametrize("roles", [["rtc"], [], "crawler", None])
def test_v2_rejects_a_token_for_joining(roles: object) -> None:
    assert "must be a CRAWLER" in v2_refusal(CLAIMS | {"version": 2, "roles": roles})


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, None),
        ({"version": 2, "roles": ["rtc"], "roomId": "a-b-c", "participantId": "ada"}, None),
        ({"roomId": "a-b-c"}, 4002),
        ({"version": 2, "roles": ["crawler"]}, 4024),
        ({"permissions": ["ask_join"]}, 4008),
        ({"permissions": "allow_join"}, 4008),
        ({"permissions": ["allow_join", "ask_join"]}, 4008),
        ({"version": 2, "roomId": "x-y-z"}, 4022),
        ({"version": 2, "participantId": "grace"}, 4023),
    ],
)
def test_a_token_lets_its_participant_into_its_meeting(
    more: dict[str, Any], code: int | None
) -> None:
    assert join_refusal(CLAIMS | more, "a-b-c", "ada") == code
