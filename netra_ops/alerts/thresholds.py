"""``monitoring-thresholds.yaml``, validated: a wrong file is refused with every problem listed."""

from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from netra_ops.measure.duration import parse_duration
from netra_ops.stack.paths import project_root
from netra_shared.errors import ConfigurationError

FILE_NAME = "monitoring-thresholds.yaml"

Severity = Literal["critical", "warning"]
Percent = Annotated[float, Field(ge=0, le=100)]


def _seconds(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


Seconds = Annotated[float, BeforeValidator(_seconds), Field(gt=0)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ratio(_Section):
    """A share of successes; ``within`` is the deadline of one event, where it has one."""

    objective: Annotated[float, Field(gt=0, lt=100)]
    summary: str
    runbook: str
    within: Seconds | None = None

    @property
    def budget(self) -> float:
        """The share of errors that the objective allows, 0 to 1."""
        return round(1 - self.objective / 100, 9)


class Value(_Section):
    """A measured value with hysteresis: fires above ``above``, ends below ``clear``."""

    above: Annotated[float, Field(gt=0)]
    clear: Annotated[float, Field(gt=0)]
    for_: Annotated[Seconds, Field(alias="for")]
    summary: str
    runbook: str

    @model_validator(mode="after")
    def _clear_is_lower(self) -> Self:
        if self.clear > self.above:
            raise ValueError("clear must not exceed above, or the alert could not end")
        return self


class Burn(_Section):
    """One burn-rate rule; both windows must be above ``rate``."""

    rate: Annotated[float, Field(gt=0)]
    long: Seconds
    short: Seconds
    severity: Severity

    @model_validator(mode="after")
    def _short_is_shorter(self) -> Self:
        if self.short >= self.long:
            raise ValueError("short must be shorter than long")
        return self


class LowTraffic(_Section):
    """The absolute rule where ratios have too few events."""

    failures: Annotated[int, Field(ge=1)]
    within: Seconds
    severity: Severity


class Flapping(_Section):
    """How often an alert may fire before it is held."""

    firings: Annotated[int, Field(ge=2)]
    within: Seconds
    quiet: Seconds


class Alerting(_Section):
    """Times of every alert."""

    keep_firing_for: Seconds
    no_data_after: Seconds
    flapping: Flapping
    resend_every: Seconds


class Thresholds(_Section):
    """The whole file."""

    version: Literal[1]
    ratios: dict[str, Ratio]
    values: dict[str, Value]
    burn: tuple[Burn, ...]
    highest_error_percent: Percent
    minimum_events: Annotated[int, Field(ge=1)]
    low_traffic: LowTraffic
    alerting: Alerting

    def error_threshold(self, ratio: Ratio, burn: Burn) -> float:
        """Return the share of errors at which ``burn`` fires for ``ratio``.

        With an objective of 90 % a burn rate of 14.4 would need 144 % errors. So the share is
        bounded by ``highest_error_percent``.
        """
        return min(burn.rate * ratio.budget, self.highest_error_percent / 100)


def load_thresholds(path: Path | None = None) -> Thresholds:
    """Return the thresholds in ``path``, or in the project's own file.

    Raises:
        ConfigurationError: the file is absent, no YAML, or wrong; each problem is listed.
    """
    place = path or project_root() / FILE_NAME
    try:
        document = yaml.safe_load(place.read_text())
        return Thresholds.model_validate(document)
    except OSError as error:
        raise ConfigurationError([f"{place}: {error.strerror}"]) from error
    except yaml.YAMLError as error:
        raise ConfigurationError([f"{place} is no YAML: {error}"]) from error
    except ValidationError as error:
        raise ConfigurationError(
            [
                f"{place.name}: {'.'.join(str(part) for part in one['loc'])}: {one['msg']}"
                for one in error.errors()
            ]
        ) from error
