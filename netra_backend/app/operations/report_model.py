"""What all reports of tools have in common: strict JSON in camelCase, and bounded texts."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Short = Annotated[str, Field(max_length=200)]
Line = Annotated[str, Field(max_length=1000)]


class ReportModel(BaseModel):
    """A part of a report."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True
    )
