"""The table of signing keys."""

from datetime import datetime

from sqlalchemy import DateTime, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from auth_service.app.database import Base
from auth_service.app.keys.ring import KeyTimes


class SigningKeyRow(Base):
    """One Ed25519 key. The private part is sealed (see ``sealing``)."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(Text, primary_key=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    sealed_private_key: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    signs_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    @property
    def times(self) -> KeyTimes:
        """The facts that the rules of the ring read."""
        return KeyTimes(kid=self.kid, signs_from=self.signs_from)
