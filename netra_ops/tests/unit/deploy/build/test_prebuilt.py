from pathlib import Path

import pytest

from netra_ops.deploy.build.prebuilt import LocalSources, PrebuiltImages, parse_images
from netra_ops.deploy.errors import DeployRefused
from netra_ops.stack.paths import project_root

IMAGE = "repo/netra-backend@sha256:00ff"


def test_a_named_image_is_not_built() -> None:
    reported: list[str] = []
    images = PrebuiltImages({"backend": IMAGE})

    assert images.planned("backend") == IMAGE
    assert images.build("backend", force=True, report=reported.append) == IMAGE
    assert reported == [f"backend: {IMAGE}"]
    with pytest.raises(DeployRefused, match="no image is named for auth"):
        images.build("auth", force=False, report=reported.append)


def test_the_local_image_is_named_by_the_digest_of_the_sources() -> None:
    local = LocalSources(project_root())

    image = local.planned("auth")

    assert image == local.build("auth", force=False, report=lambda _: None)
    assert image.startswith("netra-local/netra-auth@sha256:")
    assert len(image.rpartition(":")[2]) == 64


def test_images_are_named_by_digest() -> None:
    assert parse_images([f"backend={IMAGE}"]) == {"backend": IMAGE}
    for bad in ("backend", "backend=repo:tag", f"={IMAGE}"):
        with pytest.raises(DeployRefused, match="ROLE=IMAGE"):
            parse_images([bad])


def test_another_checkout_has_another_image(tmp_path: Path) -> None:
    assert LocalSources(tmp_path) != LocalSources(project_root())
