"""Content that the image proxy accepts."""

import pytest

from netra_backend.app.images.kinds import ImageUnsuitable, check_declared, kind_of


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x0a\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x1cftypavif", "image/avif"),
    ],
)
def test_the_first_bytes_decide(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"<html>", b" GIF89a", b"%PDF"])
def test_other_content_is_refused(content: bytes) -> None:
    with pytest.raises(ImageUnsuitable):
        kind_of(content)


@pytest.mark.parametrize("declared", ["image/png", "IMAGE/JPEG; q=1"])
def test_declared_images_are_read(declared: str) -> None:
    check_declared(declared)


@pytest.mark.parametrize("declared", ["", "text/html", "image/svg+xml", "application/json"])
def test_other_declared_types_are_not_read(declared: str) -> None:
    with pytest.raises(ImageUnsuitable):
        check_declared(declared)
