"""Ids of tool calls: our own, so that a provider's reuse of an id never merges two calls.

Providers number calls per response, repeat an id on a retry, or send one constant. Our ids consist
of nine letters and digits: Mistral accepts no other form ("must be a-z, A-Z, 0-9, with a length
of 9", https://github.com/mistralai/mistral-common/blob/main/src/mistral_common/protocol/instruct/
validator.py), and the other providers accept it.
"""

import hashlib
from uuid import UUID

ID_LENGTH = 9  # 62 ** 9 ids: collisions in one thread are negligible
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PROVIDER_CALL_ID = "providerCallId"
"""The key of the provider's id in the metadata of responses, events and stored calls."""


def call_id(run_id: UUID, step: str, number: int) -> str:
    """Return the id of a call; the same in every attempt of the run.

    Args:
        run_id: the run.
        step: the journal key of the model's response.
        number: of the call in the response.
    """
    digest = hashlib.sha256(f"{run_id}:{step}:{number}".encode()).digest()
    value = int.from_bytes(digest[:8], "big")
    letters = []
    for _ in range(ID_LENGTH):
        value, letter = divmod(value, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "".join(letters)
