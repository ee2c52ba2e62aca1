"""Commands full of mentions, and of what looks like some."""

from hypothesis import strategies as st

_PARTS = [
    *("<@U1ANN|ann>", "<@U1ANN>", "<@W2BEN|ben>", "<@U3ZOE|<>", "<@U1ANN|", "@ann", "@here"),
    *("<!here>", "<!channel>", "<!subteam^S1|@devs>", "<#C1|general>", "<https://a.b|<@U4>"),
    *(
        "&lt;@U4EVE&gt;",
        "&lt;!channel&gt;",
        "&amp;lt;@U4EVE&amp;gt;",
        "<@",
        ">",
        "|",
        "<@U\u200b4>",
    ),
    *("with", "and", "us001", "uk001", "help", '"', "-", ",", "(", ")", " ", "\u00a0", "\u200b"),
]


def commands() -> st.SearchStrategy[str]:
    """Return texts of commands as Slack delivers them, and as it never would."""
    part = st.sampled_from(_PARTS) | st.text(max_size=3)
    return st.one_of(
        st.lists(part, max_size=12).map("".join), st.lists(part, max_size=12).map(" ".join)
    )
