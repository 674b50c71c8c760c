"""Accounts in PostgreSQL."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth_service.app.accounts.email_address import EmailAddress
from auth_service.app.accounts.models import Role, UserRow


class UserRepository:
    """Reads and changes accounts within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self, email: EmailAddress, password_hash: str, display_name: str | None
    ) -> UserRow | None:
        """Store a new account; ``None`` when the address is taken.

        One statement decides, so two concurrent sign-ups cannot both succeed, and neither fails
        with a broken transaction.
        """
        statement = (
            insert(UserRow)
            .values(
                id=uuid4(),
                email=email.text,
                email_key=email.key,
                display_name=display_name,
                password_hash=password_hash,
                roles=[Role.USER.value],
            )
            .on_conflict_do_nothing(index_elements=[UserRow.email_key])
            .returning(UserRow)
        )
        return await self._session.scalar(statement)

    async def by_email(self, email: EmailAddress) -> UserRow | None:
        """Return the account with this address."""
        return await self._session.scalar(select(UserRow).where(UserRow.email_key == email.key))

    async def replace_hash(self, user_id: UUID, *, old: str, new: str) -> None:
        """Store a hash with newer parameters unless the password was changed in between."""
        await self._session.execute(
            update(UserRow)
            .where(UserRow.id == user_id, UserRow.password_hash == old)
            .values(password_hash=new)
        )

    async def set_role(self, email: EmailAddress, role: Role, *, held: bool) -> UserRow | None:
        """Grant or revoke a role; ``None`` when no account has this address."""
        user = await self._session.scalar(
            select(UserRow).where(UserRow.email_key == email.key).with_for_update()
        )
        if user is not None:
            others = [name for name in user.roles if name != role.value]
            user.roles = [*others, role.value] if held else others
            await self._session.flush()
        return user

    async def delete(self, email: EmailAddress) -> bool:
        """Delete an account with its sessions; return whether it existed."""
        deleted = await self._session.scalar(
            delete(UserRow).where(UserRow.email_key == email.key).returning(UserRow.id)
        )
        return deleted is not None

    async def page(self, after: str, limit: int) -> Sequence[UserRow]:
        """Return at most ``limit`` accounts whose address sorts after ``after``."""
        rows = await self._session.scalars(
            select(UserRow)
            .where(UserRow.email_key > after)
            .order_by(UserRow.email_key)
            .limit(limit)
        )
        return rows.all()
