"""The upgrade request as a value: every rule of RFC 6455 section 4.1 and of ours."""

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.websocket_core.close_codes import (
    BAD_HANDSHAKE,
    FORBIDDEN,
    UNAUTHENTICATED,
    CloseCode,
)
from netra_backend.app.websocket_core.errors import (
    BadHandshake,
    ConflictingCredentials,
    CredentialMissing,
)
from netra_backend.app.websocket_core.handshake import (
    MAX_OFFERED,
    Accept,
    Credential,
    RefuseHttp,
    UpgradeRequest,
    UpgradeThenClose,
    decode_jwt_entry,
    examine,
    parse_subprotocols,
    read_upgrade,
    refuse,
)
from netra_shared.errors import NetraError, OriginForbidden, TokenInvalid

ORIGIN = "https://app.example.com"
JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln"
OTHER_JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIyIn0.c2ln"
SEPARATORS = '()<>@,;:\\"/[]?={} \t'
TOKEN_CHARACTERS = [chr(code) for code in range(0x21, 0x7F) if chr(code) not in SEPARATORS]
BASE64URL = string.ascii_letters + string.digits + "-_"

tokens = st.text(TOKEN_CHARACTERS, min_size=1, max_size=20)
parts = st.text(BASE64URL, min_size=1, max_size=40)
jwts = st.builds(lambda *three: ".".join(three), parts, parts, parts)


def unpadded(token: str) -> str:
    return base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")


PADDING: st.SearchStrategy[str] = st.sampled_from(["", " ", "\t", " \t "])
JOINED: st.SearchStrategy[bool] = st.booleans()


def accept(*headers: tuple[str, str]) -> Accept:
    return examine(request(*headers), {ORIGIN})


def request(*headers: tuple[str, str]) -> UpgradeRequest:
    return read_upgrade([(name.encode(), value.encode("latin-1")) for name, value in headers])


@given(st.lists(tokens, unique=True, max_size=MAX_OFFERED), st.data())
def test_any_split_over_lines_and_spaces_is_one_list(
    entries: list[str], data: st.DataObject
) -> None:
    lines: list[str] = []
    for entry in entries:
        padding = data.draw(PADDING)
        if lines and data.draw(JOINED):  # type: ignore[arg-type]  # bound to the entries
            lines[-1] += f",{padding}{entry}{padding}"
        else:
            lines.append(f"{padding}{entry}{padding}")
    assert parse_subprotocols(lines) == tuple(entries)


@given(tokens, st.sampled_from(sorted(set(SEPARATORS) - set(", \t"))), st.integers(0, 20))
def test_a_separator_in_an_entry_is_refused(entry: str, separator: str, place: int) -> None:
    place %= len(entry) + 1
    with pytest.raises(BadHandshake):
        parse_subprotocols([entry[:place] + separator + entry[place:]])


def test_an_entry_twice_and_too_many_entries_are_refused() -> None:
    with pytest.raises(BadHandshake, match="Duplicate subprotocol"):
        parse_subprotocols(["jwt-auth, other", "jwt-auth"])
    with pytest.raises(BadHandshake, match="More than"):
        parse_subprotocols([",".join(f"p{number}" for number in range(MAX_OFFERED + 1))])


@given(jwts)
def test_the_raw_and_the_base64url_form_are_the_same_token(token: str) -> None:
    assert decode_jwt_entry(token) == token
    assert decode_jwt_entry(unpadded(token)) == token
    for form in (token, unpadded(token)):
        offered = accept(("Sec-WebSocket-Protocol", f"jwt-auth, jwt.{form}"))
        assert offered == Accept("jwt-auth", Credential("jwt", token))


@given(st.binary(max_size=200))
def test_any_bytes_decode_to_a_token_or_are_refused(raw: bytes) -> None:
    text = raw.decode("latin-1")
    try:
        token = decode_jwt_entry(text)
    except TokenInvalid:
        # integrity: allow no-early-return: a refusal is one of the two allowed outcomes
        return
    assert token.count(".") == 2


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Sec-WebSocket-Protocol", "Authorization", "Origin", "Cookie"]),
            st.text(max_size=60),
        ),
        max_size=6,
    )
)
def test_any_headers_give_a_decision_and_never_another_exception(
    headers: list[tuple[str, str]],
) -> None:
    upgrade = read_upgrade((name.encode(), value.encode("utf-8")) for name, value in headers)
    try:
        decision = examine(upgrade, {ORIGIN})
    except (BadHandshake, CredentialMissing, OriginForbidden, TokenInvalid) as error:
        refusal = refuse(upgrade, error)
        assert isinstance(refusal, RefuseHttp | UpgradeThenClose)
    else:
        assert decision.subprotocol in {None, "jwt-auth"}


def test_padded_base64_is_refused_by_the_rule_for_tokens() -> None:
    padded = base64.urlsafe_b64encode(b"a.bb.cc").decode()
    assert padded.endswith("=")
    with pytest.raises(BadHandshake, match="unpadded"):
        accept(("Sec-WebSocket-Protocol", f"jwt-auth, jwt.{padded}"))


def test_the_guides_bad_token_is_a_bad_token() -> None:
    with pytest.raises(TokenInvalid):
        accept(("Sec-WebSocket-Protocol", "jwt-auth,jwt.test-token"))


def test_ticket_and_bearer() -> None:
    ticket = "A" * 43
    assert accept(("sec-websocket-protocol", f"jwt-auth, ticket.{ticket}")) == Accept(
        "jwt-auth", Credential("ticket", ticket)
    )
    assert accept(("authorization", f"bearer {JWT}")) == Accept(None, Credential("jwt", JWT))


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ([], CredentialMissing),
        ([("Sec-WebSocket-Protocol", "jwt-auth")], CredentialMissing),
        ([("Sec-WebSocket-Protocol", f"jwt.{JWT}")], BadHandshake),
        ([("Authorization", "Basic dXNlcjpwdw==")], TokenInvalid),
        ([("Authorization", f"Bearer {JWT}"), ("Authorization", f"Bearer {JWT}")], BadHandshake),
        ([("Sec-WebSocket-Protocol", "jwt-auth, ticket.short")], TokenInvalid),
        (
            [("Sec-WebSocket-Protocol", f"jwt-auth, jwt.{JWT}, ticket.{'A' * 43}")],
            ConflictingCredentials,
        ),
        (
            [
                ("Sec-WebSocket-Protocol", f"jwt-auth, jwt.{JWT}"),
                ("Authorization", f"Bearer {OTHER_JWT}"),
            ],
            ConflictingCredentials,
        ),
        ([("Authorization", f"Bearer {JWT}"), ("Origin", "https://evil.example")], OriginForbidden),
        ([("Authorization", f"Bearer {JWT}"), ("Origin", "null")], OriginForbidden),
        (
            [("Authorization", f"Bearer {JWT}"), ("Origin", ORIGIN + ".evil.example")],
            OriginForbidden,
        ),
        ([("Origin", ORIGIN), ("Origin", ORIGIN)], BadHandshake),
    ],
)
def test_refusals(headers: list[tuple[str, str]], error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        accept(*headers)
    assert JWT not in str(caught.value)


def test_the_same_credential_in_both_places_is_no_conflict() -> None:
    decision = accept(
        ("Sec-WebSocket-Protocol", f"jwt-auth, jwt.{unpadded(JWT)}"),
        ("Authorization", f"Bearer {JWT}"),
        ("Origin", ORIGIN),
    )
    assert decision.credential == Credential("jwt", JWT)


@pytest.mark.parametrize(
    ("error", "close"),
    [
        (BadHandshake("x"), BAD_HANDSHAKE),
        (CredentialMissing("x"), UNAUTHENTICATED),
        (OriginForbidden("x"), FORBIDDEN),
    ],
)
def test_only_a_browser_that_offered_jwt_auth_is_upgraded_to_be_closed(
    error: NetraError, close: CloseCode
) -> None:
    offer = ("Sec-WebSocket-Protocol", "other,  jwt-auth")
    origin = ("Origin", "https://evil.example")
    assert refuse(request(offer, origin), error) == UpgradeThenClose("jwt-auth", close, error)
    assert refuse(request(offer), error) == RefuseHttp(error)
    assert refuse(request(origin), error) == RefuseHttp(error)


def test_no_representation_shows_a_credential() -> None:
    upgrade = request(
        ("Sec-WebSocket-Protocol", f"jwt-auth, jwt.{JWT}"), ("Authorization", f"Bearer {JWT}")
    )
    assert JWT not in repr(upgrade)
    assert JWT not in repr(examine(upgrade, set()))
