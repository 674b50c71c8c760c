import pytest

from auth_service.app.browser.origin import check_origin
from netra_shared.errors import OriginForbidden

OURS = "https://netra.example.com"


def test_a_page_of_ours_may_ask() -> None:
    assert check_origin([OURS], ["same-origin"], {OURS}) == OURS


def test_an_older_browser_without_fetch_metadata_may_ask() -> None:
    assert check_origin([OURS], [], {OURS}) == OURS


@pytest.mark.parametrize(
    ("origins", "sites"),
    [
        ([], []),
        ([], ["same-origin"]),
        (["null"], []),
        (["https://netra.example.com.evil.test"], []),
        (["http://netra.example.com"], []),
        (["https://netra.example.com:444"], []),
        (["https://NETRA.example.com"], []),
        ([OURS, OURS], []),
        ([OURS], ["same-site"]),
        ([OURS], ["cross-site"]),
        ([OURS], ["none"]),
        ([OURS], ["same-origin", "cross-site"]),
    ],
)
def test_any_other_origin_is_refused(origins: list[str], sites: list[str]) -> None:
    with pytest.raises(OriginForbidden):
        check_origin(origins, sites, {OURS})
