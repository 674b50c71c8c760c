import pytest

from netra_ops.validate.bundle import chunks_named_in, find_handshake, parse_identity, scripts_of

PAGE = "http://localhost:8080"
DIGEST = "0a" * 32


def test_scripts_are_those_that_the_page_loads_from_its_own_origin() -> None:
    html = (
        '<script src="/_next/static/chunks/a.js" async=""></script>'
        '<script async src="/_next/static/chunks/b.js"></script>'
        '<script src="/_next/static/chunks/a.js"></script>'
        '<script src="https://elsewhere.example/x.js"></script><script>inline()</script>'
    )
    assert scripts_of(html, PAGE) == [
        f"{PAGE}/_next/static/chunks/a.js",
        f"{PAGE}/_next/static/chunks/b.js",
    ]


def test_chunks_that_are_loaded_later_are_found_in_the_others() -> None:
    text = 'push([["static/chunks/app/ops-1_a.js","static/chunks/2~b.js"],"static/css/x.css"])'
    assert chunks_named_in(text, PAGE) == {
        f"{PAGE}/_next/static/chunks/app/ops-1_a.js",
        f"{PAGE}/_next/static/chunks/2~b.js",
    }


def test_the_handshake_is_found_after_minification() -> None:
    chunks = {
        "a": 'let e="netra-ws-protocol/12";f=["jwt-auth","jwt."+r]',
        "b": 'let e="netra-ws-protocol/12"',
        "c": 'f=["jwt-auth",`jwt.${encodedToken}`]',
    }
    assert [(found.url, found.version) for found in find_handshake(chunks)] == [("a", 12)]


@pytest.mark.parametrize(
    "text",
    ["", "<html>", "[]", "{}", '{"digest": "x", "protocolVersion": 1, "protocolMark": "m"}'],
)
def test_what_no_build_writes_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"/version\.json"):
        parse_identity(text)


def test_an_identity_is_read() -> None:
    text = f'{{"digest": "{DIGEST}", "protocolVersion": 2, "protocolMark": "netra-ws-protocol/2"}}'
    assert parse_identity(text).protocol_version == 2
