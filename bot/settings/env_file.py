"""Read the settings in a `.env` file, for development."""

from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from bot.settings.settings import StartError

_NOT_UTF8 = "isn't UTF-8 text. Save it as UTF-8, or delete it"


class EnvFileError(StartError):
    """The file exists but can't be used; the message is one sentence."""

    exit_code = 2

    def __init__(self, path: Path, says: str) -> None:
        super().__init__(f"Meet for Slack can't start: {path} {says}.")


def read_env_file(path: Path) -> dict[str, str]:
    """Return the settings in the file, without empty ones; none if there is no file.

    Args:
        path: the file, which needn't exist.

    Raises:
        EnvFileError: it can't be read, or isn't UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows editors may write a BOM
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise EnvFileError(path, f"can't be read: {error.strerror}. Fix or delete it") from None
    except UnicodeDecodeError:
        raise EnvFileError(path, _NOT_UTF8) from None
    if "\0" in text:  # UTF-16 without a BOM
        raise EnvFileError(path, _NOT_UTF8)
    return {name: value for name, value in dotenv_values(stream=StringIO(text)).items() if value}
