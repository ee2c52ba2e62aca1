"""The command line."""

import pytest

from bot.__main__ import main


def test_an_unknown_word_is_answered_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fly"])

    assert ended.value.code == 2
    assert "python -m bot" in capsys.readouterr().err
