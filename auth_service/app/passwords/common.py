"""Words and keyboard runs that guessing tools try first.

A breach corpus would not help here: nearly all of its entries have fewer than the fifteen
characters required. What remains is a common word, or two, extended by digits and signs
("Password12345!!!"), repetitions, and keyboard runs. Rules over this short list recognise them
(NIST SP 800-63B-4 section 3.1.1.2 warns of oversized block lists).
"""

from pathlib import Path

COMMON_WORDS = frozenset(
    Path(__file__).with_name("common_words.txt").read_text(encoding="ascii").split()
)

_FORWARD = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "!@#$%^&*()_+",
)

KEYBOARD_WALKS = _FORWARD + tuple(walk[::-1] for walk in _FORWARD)
