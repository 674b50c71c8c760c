import pytest

from netra_ops.deploy.build.prebuilt import PrebuiltImages, parse_images
from netra_ops.deploy.errors import DeployRefused

IMAGE = "repo/netra-backend@sha256:00ff"


def test_a_named_image_is_not_built() -> None:
    reported: list[str] = []
    images = PrebuiltImages({"backend": IMAGE})

    assert images.planned("backend") == IMAGE
    assert images.build("backend", force=True, report=reported.append) == IMAGE
    assert reported == [f"backend: {IMAGE}"]
    with pytest.raises(DeployRefused, match="no image is named for auth"):
        images.build("auth", force=False, report=reported.append)


def test_images_are_named_by_digest() -> None:
    assert parse_images([f"backend={IMAGE}"]) == {"backend": IMAGE}
    for bad in ("backend", "backend=repo:tag", f"={IMAGE}"):
        with pytest.raises(DeployRefused, match="ROLE=IMAGE"):
            parse_images([bad])
