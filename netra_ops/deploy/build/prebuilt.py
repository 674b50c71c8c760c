"""Images that exist already: digests that another environment has verified."""

from collections.abc import Mapping
from dataclasses import dataclass

from netra_ops.deploy.build.builder import Report
from netra_ops.deploy.errors import DeployRefused

_DIGEST = "@sha256:"


@dataclass(frozen=True)
class PrebuiltImages:
    """Images by role, as ``--image ROLE=IMAGE`` names them.

    Attributes:
        images: each with its digest.
    """

    images: Mapping[str, str]

    def planned(self, role: str) -> str:
        """Return the image that was named for the role."""
        return self.images.get(role, "")

    def build(self, role: str, *, force: bool, report: Report) -> str:  # noqa: ARG002  # a builder
        """Return the image that was named for the role.

        Raises:
            DeployRefused: none was.
        """
        if role not in self.images:
            raise DeployRefused(
                f"no image is named for {role}", remedy=f"add --image {role}=IMAGE@sha256:DIGEST"
            )
        report(f"{role}: {self.images[role]}")
        return self.images[role]


def parse_images(pairs: list[str]) -> dict[str, str]:
    """Return the images that ``--image ROLE=IMAGE`` options name.

    Raises:
        DeployRefused: one is not of this form, or has no digest: a tag can be moved.
    """
    images: dict[str, str] = {}
    for pair in pairs:
        role, separator, image = pair.partition("=")
        if not separator or not role or _DIGEST not in image:
            raise DeployRefused(
                f"--image {pair!r} is not ROLE=IMAGE@sha256:DIGEST",
                remedy="name the digest, not a tag: a tag can be moved",
            )
        images[role] = image
    return images
