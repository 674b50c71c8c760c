"""The policy for new passwords (NIST SP 800-63B-4 section 3.1.1.2).

Length, a block list, an estimate of guesses and an optional list of breached passwords decide.
There are no composition rules ("one digit, one symbol"), which the same section forbids. Fifteen
characters is its minimum where, as here, the password is the only factor. It requires that at
least 64 are accepted; 128 allows a passphrase and bounds the work of one attempt.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from auth_service.app.errors import PasswordRefused
from auth_service.app.passwords.breached import BreachedPasswords
from auth_service.app.passwords.common import COMMON_WORDS, KEYBOARD_WALKS
from auth_service.app.passwords.strength import MIN_GUESSES, guesses

_KNOWN = COMMON_WORDS | {"netra"}

# Substitutions that guessing tools try first; reversed before a word is looked up.
_LEET = str.maketrans("013457@$!", "oieastasi")
_RUN = 6  # characters in a row: "abcdef" is recognised, the "def" inside "undefined" is not


class Rule(StrEnum):
    """Names of the rules, the values of ``rule`` in an error."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    CONTROL_CHARACTER = "control_character"
    IS_EMAIL = "is_email"
    TOO_COMMON = "too_common"
    TOO_GUESSABLE = "too_guessable"
    BREACHED = "breached"


_NO_LIST = BreachedPasswords(None)


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """Bounds in Unicode code points after normalisation, and the list of breached passwords."""

    min_length: int = 15
    max_length: int = 128
    breached: BreachedPasswords = _NO_LIST


def normalise(password: str) -> str:
    """Return ``password`` in NFC, so that every keyboard produces the same bytes (RFC 8265 4.2)."""
    return unicodedata.normalize("NFC", password)


def broken_rules(password: str, *, email: str, policy: PasswordPolicy) -> tuple[Rule, ...]:
    """Return the rules that a normalised password violates, in a fixed order.

    The estimate and the list are consulted for a password that violates no other rule. The
    estimate can take 0.2 s of CPU, so this runs in a thread.
    """
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
    if not found and guesses(password, _associated(email)) < MIN_GUESSES:
        found.append(Rule.TOO_GUESSABLE)
    if not found and policy.breached.contains(password):
        found.append(Rule.BREACHED)
    return tuple(found)


def accept_password(password: str, *, email: str, policy: PasswordPolicy) -> str:
    """Return the normalised password.

    Raises:
        PasswordRefused: with ``field="password"`` and the first violated ``rule``.
    """
    password = normalise(password)
    if rules := broken_rules(password, email=email, policy=policy):
        explanations = {
            Rule.TOO_SHORT: f"must have at least {policy.min_length} characters",
            Rule.TOO_LONG: f"must have at most {policy.max_length} characters",
            Rule.CONTROL_CHARACTER: "must not contain control characters",
            Rule.IS_EMAIL: "must not be the email address",
            Rule.TOO_COMMON: "is among the first that an attacker tries; choose several words",
            Rule.TOO_GUESSABLE: "can be guessed quickly; add an unrelated word",
            Rule.BREACHED: "is in a list of breached passwords; choose another one",
        }
        detail = "The password " + " and ".join(explanations[rule] for rule in rules) + "."
        raise PasswordRefused(detail, field="password", rule=rules[0].value)
    return password


def _associated(email: str) -> tuple[str, ...]:
    """Return the words of an account that an attacker tries."""
    local, _, domain = email.partition("@")
    return ("netra", email, local, domain, *re.split(r"[\W_]+", local))


def _is_email(password: str, email: str) -> bool:
    """Return whether it is the address or its local part, also with digits and signs around."""
    core, local = _letters(password), email.partition("@")[0]
    return bool(core) and core in {_letters(email), _letters(local), _letters(local) * 2}


def _is_common(password: str) -> bool:
    folded = password.casefold()
    unit = _shortest_unit(folded)
    if unit != folded and len(unit) < _RUN:  # "aaaaaaaaaaaaaaa", "123123123123123"
        return True
    return _is_common_word(folded) or _is_walk(unit)


def _is_common_word(text: str) -> bool:
    """Return whether it is one or two common words, repeated or not, with digits and signs."""
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    for form in (_letters(core), _letters(core.translate(_LEET))):
        unit = _shortest_unit(form)
        if unit in _KNOWN or any(unit[:i] in _KNOWN and unit[i:] in _KNOWN for i in _cuts(unit)):
            return True
    return False


def _is_walk(text: str) -> bool:
    """Return whether ``text`` consists of keyboard, alphabet or number runs only."""
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
