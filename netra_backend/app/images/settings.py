"""Bounds of the image proxy."""

from pydantic import BaseModel, ConfigDict, Field

from netra_shared.settings import Seconds


class ImageSettings(BaseModel):
    """One group of settings; environment variables ``IMAGES__<NAME>`` in the backend."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_bytes: int = Field(
        default=5 * 1024 * 1024, ge=1024, le=50 * 1024 * 1024, description="Largest image."
    )
    fetch_seconds: Seconds = Field(
        default=10.0, description="Deadline of one image: name, redirects and content."
    )
    max_redirects: int = Field(default=3, ge=0, le=10, description="Most redirects of one image.")
    concurrent: int = Field(
        default=16, ge=1, le=1000, description="Most images that one instance fetches concurrently."
    )
    concurrent_per_user: int = Field(
        default=4, ge=1, le=1000, description="Most images fetched concurrently for one user."
    )
    private_hosts: frozenset[str] = Field(
        default=frozenset(),
        description="JSON array of `host:port` that images may come from although the address is "
        "private, such as a company's chart server.",
    )
