"""Secrets are masked, and nothing else is."""

import json
import time
from urllib.parse import urlencode

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.telemetry.redaction import Redactor, redact
from tests.conftest import APP_TOKEN, BOT_TOKEN, SECRET_KEY, SIGNING_SECRET

JWT = jwt.encode({"apikey": "0a1b2c3d"}, SECRET_KEY, algorithm="HS256")
SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
HOOK = "https://hooks.slack.com/commands/T012AB3CD/4567890/Zx9yWv8uTs7rQp6o"
ESCAPED_HOOK = HOOK.replace("/", r"\/")
WSS = "wss://wss-primary.slack.com/link/?ticket=12348-b34c-9f3b&app_id=A0123"
FORM = urlencode({"token": "gIkuvaNzQIHg97AT", "team_id": "T1", "response_url": HOOK})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (BOT_TOKEN, "xoxb-…"),
        ("a xoxp-123-456-abc, expired", "a xoxp-…, expired"),
        ("xoxe.xoxp-1-Mi0yLTE", "xoxe.…"),
        ("xoxe-1-My0xLTE", "xoxe-…"),
        (APP_TOKEN, "xapp-…"),
        (f"authorization {JWT}", "authorization eyJ…"),
        (f"X-Slack-Signature: {SIGNATURE}", "X-Slack-Signature: v0=…"),
        (f"posted to {HOOK}.", "posted to https://hooks.slack.com/…"),
        (HOOK.replace(".com", "-gov.com"), "https://hooks.slack-gov.com/…"),
        (
            f'{{"response_url":"{ESCAPED_HOOK}"}}',
            r'{"response_url":"https:\/\/hooks.slack.com\/…"}',
        ),
        (f"payload=%7B%22a%22%3A%22{BOT_TOKEN}%22%7D", "payload=%7B%22a%22%3A%22xoxb-…%22%7D"),
        (FORM, "token=…&team_id=T1&response_url=https%3A%2F%2Fhooks.slack.com%2F…"),
        ("http://127.0.0.1:8091/response/Zx9yWv8uTs7rQp6o", "http://127.0.0.1:8091/response/…"),
        ("Authorization: Bearer abc", "Authorization: Bearer …"),
        ("authorization: Basic YW5uOnB3", "authorization: Basic …"),
        ("('Authorization', 'Bearer 0123456789abcdef')", "('Authorization', 'Bearer …')"),
        ("https://x.example/?token=abc&name=ann", "https://x.example/?token=…&name=ann"),
        (WSS, "wss://wss-primary.slack.com/link/?ticket=…&app_id=A0123"),
        ('{"api_key": "a-b", "region": "eu001"}', '{"api_key": "…", "region": "eu001"}'),
        ("{'client_secret': 'a b', 'x': 1}", "{'client_secret': '…', 'x': 1}"),
        (r'"{\"apikey\": \"abc\", \"iat\": 1}"', r'"{\"apikey\": \"…\", \"iat\": 1}"'),
        (f"SLACK_SIGNING_SECRET={SIGNING_SECRET} PORT=1", "SLACK_SIGNING_SECRET=… PORT=1"),
        ("Settings(videosdk_secret_key='5ec2e7')", "Settings(videosdk_secret_key='…')"),
        ("password=hunter2;user=ann", "password=…;user=ann"),
        (
            "GET /slack/oauth_redirect?code=12.34.ab&state=x-Y",
            "GET /slack/oauth_redirect?code=…&state=…",
        ),
    ],
)
def test_a_secret_is_masked_in_its_context(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "standup",
        "Secret: Santa planning",
        "Password: discussion of the policy, authorization: pending",
        "the bearer of bad news, Bearer certificates",
        "heyJulia.Smith.team and eyJafjallajökull",
        "xoxo-lovely, xoxb- and xapp- tokens",
        "v0=beta, v0=1",
        "87i6-bvw8-dtn1 in eu001",
        "T012AB3CD C024BE7LR U061F7AUR 1645568542.123456 61d53d8c0123456789abcdef",
        "https://meet.example.com/87i6-bvw8-dtn1?name=ann&max_tokens=5",
        "https://hooks.slack.com and https://api.videosdk.live/v1/meetings",
        "GET /response/42",
        '{"token_type": "bot", "tokens": ["a"], "token": null, "text": "/meet secret party"}',
        "SLACK_BOT_TOKEN must begin with xoxb-, and this doesn't.",
        "token= and nothing",
        "code=429 state=open",
    ],
)
def test_other_text_is_left_alone(text: str) -> None:
    assert redact(text) == text


def test_secrets_without_a_form_are_masked_by_value_in_every_encoding() -> None:
    clean = Redactor(["pa%40ss+word/1", "short"])

    text = 'a "pa%40ss+word/1" b pa@ss+word/1 c pa%2540ss%2Bword%2F1 d short'
    assert clean(text) == 'a "…" b … c … d short'
    assert clean(f"token={BOT_TOKEN}") == "token=…"


SECRETS = [BOT_TOKEN, APP_TOKEN, JWT, SIGNATURE, HOOK, ESCAPED_HOOK, FORM, "Bearer ", "token=", '"']
values = st.recursive(
    st.lists(st.sampled_from(SECRETS) | st.text(max_size=3)).map(" ".join),
    lambda inner: st.dictionaries(st.sampled_from(["token", "api_key", "text"]), inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(values)
def test_json_stays_json_and_what_was_masked_stays_masked(value: object) -> None:
    nested = json.dumps([value, json.dumps(value, ensure_ascii=False)], ensure_ascii=False)

    masked = redact(nested)
    json.loads(masked)
    assert redact(masked) == masked
    assert [secret for secret in SECRETS[:5] if secret[12:] in masked] == []


@pytest.mark.parametrize("piece", ["a", "\\", "eyJ-", "'", '"token', "secret-", "xoxb-", "bearer "])
def test_a_long_text_is_redacted_fast(piece: str) -> None:
    started = time.perf_counter()
    redact(piece * (200_000 // len(piece)))

    assert time.perf_counter() - started < 2
