"""Email addresses as account names, in one normalised form."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from auth_service.app.errors import EmailRefused


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """``text`` as shown, ``key`` as compared and stored unique.

    The local part is case-sensitive by RFC 5321 section 2.4, but not in practice, so the key is in
    lower case. Dots and ``+tags`` are kept, because each provider defines their meaning.
    """

    text: str
    key: str


def parse_email(text: str, *, deliverable: bool) -> EmailAddress:
    """Return the normalised address (NFC, domain in lower case).

    Args:
        text: as typed.
        deliverable: also refuse domains that cannot exist on the internet, such as ``x.local``
            or a bare host name. No mail is sent and no DNS query is made.

    Raises:
        EmailRefused: with ``field="email"`` and the problem.
    """
    try:
        parsed = validate_email(
            text.strip(), check_deliverability=False, globally_deliverable=deliverable
        )
    except EmailNotValidError as error:
        raise EmailRefused(str(error), field="email") from error
    return EmailAddress(text=parsed.normalized, key=parsed.normalized.lower())
