"""Which passwords are accepted (NIST SP 800-63B-4 section 3.1.1.2).

Length and a block list decide; composition rules ("one digit, one symbol") do not exist, because
the same section forbids them. Fifteen characters is its minimum where, as here, the password is
the only factor; it demands that at least 64 be accepted, and 128 leaves room for a passphrase
while bounding what is normalised and hashed per attempt.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from auth_service.app.errors import PasswordRefused
from auth_service.app.passwords.common import COMMON_WORDS, KEYBOARD_WALKS

_KNOWN = COMMON_WORDS | {"netra"}

# Substitutions that guessing tools try first; undone before a word is looked up.
_LEET = str.maketrans("013457@$!", "oieastasi")
_RUN = 6  # characters in a row: "abcdef" is recognised, the "def" inside "undefined" is not


class Rule(StrEnum):
    """Names of the rules, as a client sees them in ``rule``."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    CONTROL_CHARACTER = "control_character"
    IS_EMAIL = "is_email"
    TOO_COMMON = "too_common"


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """Bounds, in Unicode code points after normalisation."""

    min_length: int = 15
    max_length: int = 128


def normalise(password: str) -> str:
    """Return ``password`` in NFC, so that every keyboard produces the same bytes (RFC 8265 4.2)."""
    return unicodedata.normalize("NFC", password)


def broken_rules(password: str, *, email: str, policy: PasswordPolicy) -> tuple[Rule, ...]:
    """Return the rules that a normalised password breaks, in a fixed order."""
    found: list[Rule] = []
    if len(password) < policy.min_length:
        found.append(Rule.TOO_SHORT)
    if len(password) > policy.max_length:
        found.append(Rule.TOO_LONG)
        return tuple(found)  # the remaining rules are not computed on unbounded input
    if any(unicodedata.category(character) == "Cc" for character in password):
        found.append(Rule.CONTROL_CHARACTER)
    if _is_email(password, email):
        found.append(Rule.IS_EMAIL)
    if _is_common(password):
        found.append(Rule.TOO_COMMON)
    return tuple(found)


def accept_password(password: str, *, email: str, policy: PasswordPolicy) -> str:
    """Return the normalised password.

    Raises:
        PasswordRefused: with ``field="password"`` and the first broken ``rule``.
    """
    password = normalise(password)
    if rules := broken_rules(password, email=email, policy=policy):
        explanations = {
            Rule.TOO_SHORT: f"must have at least {policy.min_length} characters",
            Rule.TOO_LONG: f"must have at most {policy.max_length} characters",
            Rule.CONTROL_CHARACTER: "must not contain control characters",
            Rule.IS_EMAIL: "must not be the email address",
            Rule.TOO_COMMON: "is among the first that an attacker tries; choose several words",
        }
        detail = "The password " + " and ".join(explanations[rule] for rule in rules) + "."
        raise PasswordRefused(detail, field="password", rule=rules[0].value)
    return password


def _is_email(password: str, email: str) -> bool:
    """True for the address, its local part, or either with digits and signs around it."""
    core, local = _letters(password), email.partition("@")[0]
    return bool(core) and core in {_letters(email), _letters(local), _letters(local) * 2}


def _is_common(password: str) -> bool:
    folded = password.casefold()
    unit = _shortest_unit(folded)
    if unit != folded and len(unit) < _RUN:  # "aaaaaaaaaaaaaaa", "123123123123123"
        return True
    return _is_common_word(folded) or _is_walk(unit)


def _is_common_word(text: str) -> bool:
    """True when one or two common words, repeated or not, are all but the digits and signs."""
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    for form in (_letters(core), _letters(core.translate(_LEET))):
        unit = _shortest_unit(form)
        if unit in _KNOWN or any(unit[:i] in _KNOWN and unit[i:] in _KNOWN for i in _cuts(unit)):
            return True
    return False


def _is_walk(text: str) -> bool:
    """True when ``text`` is made only of keyboard, alphabet or number runs of some length."""
    position = 0
    while position < len(text):
        longest = max(_run_at(text, position, walk) for walk in KEYBOARD_WALKS)
        if longest < min(_RUN, len(text) - position) or longest == 0:
            return False
        position += longest
    return True


def _run_at(text: str, position: int, walk: str) -> int:
    start = walk.find(text[position])
    length = 0
    while (
        start >= 0
        and position + length < len(text)
        and start + length < len(walk)
        and text[position + length] == walk[start + length]
    ):
        length += 1
    return length


def _shortest_unit(text: str) -> str:
    """Return the shortest string whose repetition is ``text``."""
    period = (text + text).find(text, 1) if text else 0
    return text[:period] if period else text


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text.casefold())


def _cuts(text: str) -> range:
    return range(3, len(text) - 2)
