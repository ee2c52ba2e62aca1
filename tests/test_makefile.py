"""`make` repairs a broken environment, and leaves a working one alone."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

# A fake Python that creates environments instantly, with itself in them, and logs its arguments.
FAKE = f"""#!/bin/sh
case "$*" in
  "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python && touch .venv/pyvenv.cfg ;;
  -c*) exec {sys.executable} "$@" ;;
esac
echo "$*" >> asked
"""


class Project:
    """A copy of the project's Makefile, with a fake Python."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / ".venv" / "bin" / "python"
        shutil.copy(ROOT / "Makefile", folder)
        (folder / "requirements.txt").touch()
        self.write(folder / "fake-python", FAKE)

    def write(self, path: Path, script: str) -> None:
        path.unlink(missing_ok=True)
        path.write_text(script, encoding="utf-8")
        path.chmod(0o755)

    def make(self, python: str = "./fake-python", *asked: str) -> list[str]:
        """Run `make install` or another target; return Python's arguments, or the error."""
        (self.folder / "asked").unlink(missing_ok=True)
        made = subprocess.run(
            ["make", f"PYTHON={python}", *(asked or ["install"])],  # noqa: S607 - whichever make there is
            cwd=self.folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if made.returncode:
            return [made.stderr]
        seen = self.folder / "asked"
        lines = seen.read_text(encoding="utf-8").splitlines() if seen.exists() else []
        return [re.sub("(-m pip|-m venv .venv) .*", r"\1", line) for line in lines]


MADE = ["-m venv .venv", "-m pip"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    assert project.make() == MADE
    assert project.make() == []
    return project


def test_an_environment_whose_python_is_gone_is_recreated(project: Project) -> None:
    project.python.unlink()
    project.python.symlink_to("/nowhere/python3")

    assert project.make() == MADE
    assert project.make() == []


def test_an_environment_of_another_version_is_recreated(project: Project) -> None:
    project.write(project.python, "#!/bin/sh\necho 3 99\n")

    assert project.make() == MADE


@pytest.mark.parametrize("left", [".venv/lib/x", ".venv/bin/activate", ".venv/pyvenv.cfg"])
def test_an_incomplete_environment_is_recreated(left: str, project: Project) -> None:
    shutil.rmtree(project.folder / ".venv")
    (project.folder / left).parent.mkdir(parents=True, exist_ok=True)
    (project.folder / left).touch()

    assert project.make() == MADE


def test_an_environment_that_would_install_into_the_system_is_recreated(project: Project) -> None:
    (project.folder / ".venv" / "pyvenv.cfg").unlink()

    assert project.make() == MADE


def test_an_environment_without_pip_is_recreated(project: Project) -> None:
    project.write(project.python, '#!/bin/sh\ncase "$2" in *pip*) exit 1 ;; esac\n')

    assert project.make() == MADE


def test_an_interrupted_install_continues_in_the_same_environment(project: Project) -> None:
    (project.folder / ".venv" / ".installed").unlink()

    assert project.make() == ["-m pip"]


@pytest.mark.parametrize("python", ["./too-old", "./no-such-python"])
def test_a_working_environment_is_kept_if_the_new_python_is_unusable(
    python: str, project: Project
) -> None:
    old = "#!/bin/sh\necho 'Python 3.11 or newer is needed' >&2\nexit 1\n"
    project.write(project.folder / "too-old", old)

    assert project.make(python) == []
    project.python.unlink()
    [error] = project.make(python)
    assert "Python 3.11 or newer is needed" in error or "no-such-python" in error
    assert (project.folder / ".venv" / "pyvenv.cfg").exists()


def test_the_sandbox_takes_a_port_and_arguments(project: Project) -> None:
    asked = ("sandbox", "PORT=8123", "ARGS=--v1 --socket")

    assert project.make("./fake-python", "sandbox") == ["-m bot sandbox"]
    assert project.make("./fake-python", *asked) == ["-m bot sandbox --port 8123 --v1 --socket"]
