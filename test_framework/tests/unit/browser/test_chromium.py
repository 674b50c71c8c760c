from pathlib import Path

import pytest

from netra_ops.errors import SomethingAbsent
from test_framework.browser.chromium import OVERRIDE, ensure_chromium, find_chromium


def program(folder: Path, name: str, text: str = "#!/bin/sh\n") -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_the_first_known_program_on_path_is_taken(tmp_path: Path) -> None:
    program(tmp_path, "google-chrome")
    assert find_chromium({"PATH": str(tmp_path)}) == tmp_path / "google-chrome"
    program(tmp_path, "chromium")
    assert find_chromium({"PATH": str(tmp_path)}) == tmp_path / "chromium"


def test_the_override_wins(tmp_path: Path) -> None:
    program(tmp_path, "chromium")
    own = program(tmp_path, "my-own")
    assert find_chromium({"PATH": str(tmp_path), OVERRIDE: str(own)}) == own


@pytest.mark.parametrize("wanted", ["/nonexistent/chromium", "/"])
def test_an_override_that_is_no_program_is_refused_by_name(wanted: str) -> None:
    with pytest.raises(SomethingAbsent, match=f"{OVERRIDE}={wanted}") as refused:
        find_chromium({OVERRIDE: wanted})
    assert refused.value.remedy == f"unset {OVERRIDE}"


def test_without_apt_the_remedy_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SomethingAbsent) as refused:
        ensure_chromium({"PATH": str(tmp_path)})
    assert refused.value.remedy is not None
    assert refused.value.remedy.startswith("apt install chromium")
    assert "\n" not in refused.value.remedy


def test_another_user_than_root_gets_the_remedy_and_apt_is_not_called(tmp_path: Path) -> None:
    program(tmp_path, "apt-get", f"#!/bin/sh\n: >{tmp_path}/called\n")
    with pytest.raises(SomethingAbsent, match="no Chromium is installed"):
        ensure_chromium({"PATH": str(tmp_path)}, is_root=False)
    assert not (tmp_path / "called").exists()


def test_root_installs_what_is_missing(tmp_path: Path) -> None:
    """apt-get is a program of the test: it notes its arguments and brings a Chromium."""
    installed = tmp_path / "chromium"
    program(
        tmp_path,
        "apt-get",
        f'#!/bin/sh\necho "$*" >>{tmp_path}/calls\n'
        f'case "$*" in *install*) : >{installed}; /bin/chmod +x {installed};; esac\n',
    )
    assert ensure_chromium({"PATH": str(tmp_path)}, is_root=True) == installed
    calls = (tmp_path / "calls").read_text().splitlines()
    assert [call.split()[1] for call in calls] == ["update", "install"]
    assert "fonts-liberation" in calls[1]


def test_what_apt_said_last_is_the_cause(tmp_path: Path) -> None:
    program(tmp_path, "apt-get", "#!/bin/sh\necho reading; echo 'E: no network'; exit 100\n")
    with pytest.raises(SomethingAbsent, match="status 100: E: no network"):
        ensure_chromium({"PATH": str(tmp_path)}, is_root=True)
