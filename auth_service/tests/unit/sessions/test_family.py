from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from auth_service.app.sessions.family import (
    RefreshTokenState,
    RefreshVerdict,
    SessionState,
    judge,
    token_expiry,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
IDLE = timedelta(hours=2)
LIFE = timedelta(hours=10)
LIVE = SessionState(expires_at=NOW + LIFE)
LEEWAY = timedelta(seconds=10)
ENDED = SessionState(expires_at=NOW + LIFE, revoked_at=NOW)
FRESH = RefreshTokenState(expires_at=NOW + IDLE)
SPENT = RefreshTokenState(expires_at=NOW + IDLE, spent_at=NOW)


def test_a_fresh_token_rotates() -> None:
    assert judge(LIVE, FRESH, NOW) is RefreshVerdict.ROTATE


def test_a_spent_token_revokes_even_when_it_has_expired() -> None:
    assert judge(LIVE, SPENT, NOW) is RefreshVerdict.REVOKE
    assert judge(LIVE, SPENT, NOW + IDLE + timedelta(seconds=1)) is RefreshVerdict.REVOKE


def test_a_spent_token_returns_its_unused_successor_within_the_leeway() -> None:
    def verdict(after: float, successor: RefreshTokenState | None) -> RefreshVerdict:
        now = NOW + timedelta(seconds=after)
        return judge(LIVE, SPENT, now, successor=successor, leeway=LEEWAY)

    assert verdict(0, FRESH) is RefreshVerdict.REPLAY
    assert verdict(9.999, FRESH) is RefreshVerdict.REPLAY
    assert verdict(10, FRESH) is RefreshVerdict.REVOKE
    assert verdict(0, SPENT) is RefreshVerdict.REVOKE
    assert verdict(0, None) is RefreshVerdict.REVOKE


def test_an_idle_token_is_refused_at_the_second_it_expires() -> None:
    assert judge(LIVE, FRESH, NOW + IDLE - timedelta(microseconds=1)) is RefreshVerdict.ROTATE
    assert judge(LIVE, FRESH, NOW + IDLE) is RefreshVerdict.REFUSE


def test_an_ended_session_refuses_every_token() -> None:
    assert judge(ENDED, FRESH, NOW) is RefreshVerdict.REFUSE
    assert judge(ENDED, SPENT, NOW) is RefreshVerdict.REFUSE
    assert judge(LIVE, FRESH, NOW + LIFE) is RefreshVerdict.REFUSE


def test_a_token_never_outlives_its_session() -> None:
    assert token_expiry(LIVE, NOW, IDLE) == NOW + IDLE
    assert token_expiry(LIVE, NOW + LIFE - timedelta(minutes=1), IDLE) == NOW + LIFE


class Family(RuleBasedStateMachine):
    """A person and a thief present tokens in any order; reuse outside the leeway is detected."""

    @initialize()
    def sign_in(self) -> None:
        self.now = NOW
        self.session = LIVE
        self.tokens = [RefreshTokenState(expires_at=token_expiry(LIVE, NOW, IDLE))]
        self.used: set[int] = set()
        self.accepted_after_reuse = False
        self.reused = False

    @rule(seconds=st.one_of(st.integers(1, 12), st.integers(60, 12_000)))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(data=st.data())
    def a_client_presents_a_token(self, data: st.DataObject) -> None:
        which = data.draw(st.integers(0, len(self.tokens) - 1))
        following = which + 1
        successor = self.tokens[following] if following < len(self.tokens) else None
        verdict = judge(
            self.session, self.tokens[which], self.now, successor=successor, leeway=LEEWAY
        )
        live = self.session.is_live(self.now)
        if which in self.used and live:
            spent_at = self.tokens[which].spent_at
            assert spent_at is not None
            forgiven = self.now < spent_at + LEEWAY and following not in self.used
            assert verdict is (RefreshVerdict.REPLAY if forgiven else RefreshVerdict.REVOKE)
            self.reused |= not forgiven
        if verdict is RefreshVerdict.ROTATE:
            assert which == len(self.tokens) - 1, "only the newest token rotates"
            assert which not in self.used
            self.accepted_after_reuse |= self.reused
            self.used.add(which)
            self.tokens[which] = RefreshTokenState(self.tokens[which].expires_at, self.now)
            self.tokens.append(
                RefreshTokenState(expires_at=token_expiry(self.session, self.now, IDLE))
            )
        elif verdict is RefreshVerdict.REPLAY:
            assert following == len(self.tokens) - 1, "only the newest token is returned again"
        elif verdict is RefreshVerdict.REVOKE:
            self.session = SessionState(self.session.expires_at, revoked_at=self.now)

    @rule()
    def sign_out(self) -> None:
        if self.session.revoked_at is None:
            self.session = SessionState(self.session.expires_at, revoked_at=self.now)

    @invariant()
    def at_most_one_token_is_unspent(self) -> None:
        assert sum(token.spent_at is None for token in getattr(self, "tokens", [])) <= 1

    @invariant()
    def nothing_is_accepted_after_a_reuse(self) -> None:
        assert not getattr(self, "accepted_after_reuse", False)

    @invariant()
    def no_token_outlives_the_session(self) -> None:
        for token in getattr(self, "tokens", []):
            assert token.expires_at <= self.session.expires_at


TestFamily = Family.TestCase
TestFamily.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
