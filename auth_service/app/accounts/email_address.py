"""Email addresses as account names: one person, one spelling."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from auth_service.app.errors import EmailRefused


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """``text`` as shown, ``key`` as compared and stored unique.

    The local part is case-sensitive by RFC 5321 section 2.4 and nowhere in practice, so the key
    is lower case throughout. Dots and ``+tags`` are kept: their meaning is the provider's.
    """

    text: str
    key: str


def parse_email(text: str, *, deliverable: bool) -> EmailAddress:
    """Return the normalised address (NFC, domain in lower case).

    Args:
        text: as typed.
        deliverable: also refuse domains that cannot exist on the internet, such as ``x.local``
            or a bare host name. Mail is never sent and no DNS is asked.

    Raises:
        EmailRefused: with ``field="email"`` and what is wrong.
    """
    try:
        parsed = validate_email(
            text.strip(), check_deliverability=False, globally_deliverable=deliverable
        )
    except EmailNotValidError as error:
        raise EmailRefused(str(error), field="email") from error
    return EmailAddress(text=parsed.normalized, key=parsed.normalized.lower())
