import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc.jwk import OKPKey

from auth_service.app.keys.ed25519 import SigningKey, public_jwk, thumbprint

# RFC 8037 appendix A.
RFC_SEED = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
RFC_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
RFC_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_agrees_with_the_example_of_the_standard() -> None:
    key = SigningKey.from_seed(decode(RFC_SEED))
    assert key.public_key == decode(RFC_X)
    assert key.kid == thumbprint(decode(RFC_X)) == RFC_THUMBPRINT
    assert key.seed == decode(RFC_SEED)


def test_the_published_form_is_a_key_for_another_library() -> None:
    key = SigningKey.generate()
    published = public_jwk(key.kid, key.public_key)
    imported = OKPKey.import_key(dict(published))
    assert imported.thumbprint() == key.kid
    assert not imported.is_private
    signature = key.private_key.sign(b"message")
    Ed25519PublicKey.from_public_bytes(decode(published["x"])).verify(signature, b"message")
    assert {"d"}.isdisjoint(published)
