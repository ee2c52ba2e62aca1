"""Signed links, which carry what a later request needs."""

from bot.links.contents import Conversation, JoinLink, NotesLink
from bot.links.signed import (
    JOIN_LIFETIME,
    JoinLinks,
    LinkError,
    LinkExpiredError,
    NoLinks,
    SignedLinks,
    TemplateLinks,
)

__all__ = [
    "JOIN_LIFETIME",
    "Conversation",
    "JoinLink",
    "JoinLinks",
    "LinkError",
    "LinkExpiredError",
    "NoLinks",
    "NotesLink",
    "SignedLinks",
    "TemplateLinks",
]
