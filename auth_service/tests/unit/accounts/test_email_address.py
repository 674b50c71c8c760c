import pytest

from auth_service.app.accounts.email_address import parse_email
from auth_service.app.errors import EmailRefused


@pytest.mark.parametrize(
    ("typed", "text", "key"),
    [
        (" Ada@Example.COM ", "Ada@example.com", "ada@example.com"),
        ("a.d.a+x@example.com", "a.d.a+x@example.com", "a.d.a+x@example.com"),
        ("ü@example.com", "ü@example.com", "ü@example.com"),
    ],
)
def test_an_address_has_one_key(typed: str, text: str, key: str) -> None:
    address = parse_email(typed, deliverable=True)
    assert (address.text, address.key) == (text, key)


@pytest.mark.parametrize(
    "typed", ["", "ada", "ada@", "@example.com", "a b@example.com", "a@b@c.de"]
)
def test_other_text_is_refused(typed: str) -> None:
    with pytest.raises(EmailRefused) as refused:
        parse_email(typed, deliverable=False)
    assert refused.value.fields == {"field": "email"}


def test_a_local_domain_is_accepted_where_mail_need_not_arrive() -> None:
    assert parse_email("ada@host", deliverable=False).key == "ada@host"
    with pytest.raises(EmailRefused):
        parse_email("ada@host", deliverable=True)
