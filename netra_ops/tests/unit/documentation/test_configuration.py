"""The page lists every setting once, groups with their prefix, and is not out of date."""

import subprocess
import sys
from pathlib import Path

from pydantic import BaseModel, Field

from netra_ops.documentation.configuration import render_page
from netra_shared.settings import ServiceSettings

ROOT = Path(__file__).parents[4]


class Bounds(BaseModel):
    frames: int = Field(default=3, description="Frames.")


class SampleSettings(ServiceSettings):
    colour: str = Field(description="A colour.")
    origins: tuple[str, ...] = Field(default=("a", "b"), description="Origins.")
    bounds: Bounds = Field(default_factory=Bounds, description="Bounds.")


def test_own_settings_stand_in_their_section_and_shared_ones_once() -> None:
    page = render_page({"Sample": SampleSettings})
    assert page.count("`DATABASE_URL`") == 1
    assert "| `COLOUR` | **required** | A colour. |" in page
    assert "| `ORIGINS` | `a,b` | Origins. |" in page


def test_a_group_is_listed_with_the_prefix_of_its_variables() -> None:
    page = render_page({"Sample": SampleSettings})
    assert "## Sample: bounds" in page
    assert "| `BOUNDS__FRAMES` | `3` | Frames. |" in page


def test_the_committed_page_is_up_to_date() -> None:
    script = ROOT / "scripts" / "generate_configuration.py"
    result = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout
