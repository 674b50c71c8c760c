"""Versions that satisfy what configurations pin."""

import pytest

from netra_cloud.terraform.stand_in.versions import locked_versions, offered


@pytest.mark.parametrize(
    ("constraints", "wanted"),
    [
        ([">= 6.0, < 8"], "7.46.0"),  # lb-http v14
        (["~> 5.10"], "5.45.2"),
        (["~> 6.12.0"], "6.12.0"),
        (["5.4.1"], "5.4.1"),
        (["> 4.3.0, < 4.4"], "4.3.1"),
        (["7.0.0-rc1"], "7.0.0-rc1"),
        ([], "8.7.0"),
    ],
)
def test_a_version_that_the_pin_allows_is_offered(constraints: list[str], wanted: str) -> None:
    assert wanted in offered("google", "8.7.0", constraints, None)


def test_an_upper_bound_has_a_version_below_it() -> None:
    assert offered("random", "3.9.1", ["< 3.5"], None) == {"3.9.1", "3.4.0"}
    assert offered("random", "3.9.1", ["< 3"], None) == {"3.9.1", "2.0.0"}


def test_nothing_newer_than_the_lock_file_is_offered() -> None:
    assert offered("random", "3.9.1", [">= 2.1"], "3.6.0") == {"2.1.0", "3.6.0"}


def test_the_lock_file_names_versions() -> None:
    text = (
        'provider "registry.terraform.io/hashicorp/google" {\n  version     = "7.1.0"\n}\n'
        'provider "registry.terraform.io/cloudflare/cloudflare" {\n  version = "5.0.0"\n}\n'
    )
    assert locked_versions(text) == {"google": "7.1.0"}
