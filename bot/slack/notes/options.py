"""Options of a transcription: the summary's prompt and the call's language."""

from dataclasses import dataclass
from typing import Self

from bot.settings.settings import Settings

PROMPT = (
    "Write the minutes of this meeting as plain text without Markdown, in the language of the "
    "meeting. Begin with a summary of three sentences at most. Then list the decisions, and then "
    "the action items, each on a line of its own that begins with a dash and names who does it, "
    "and by when if that was said. Leave out a list that would be empty. Make nothing up."
)


@dataclass(frozen=True)
class TranscriptionOptions:
    """What VideoSDK is told when it starts to transcribe a call.

    Attributes:
        prompt: for the summary.
        language: the call's language code; None lets VideoSDK detect it.
    """

    prompt: str
    language: str | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Return the options that the settings ask for."""
        prompt, language = settings.notes_prompt or PROMPT, settings.notes_language
        if language:
            prompt += f" Write in the language whose code is {language}."
        return cls(prompt, language)
