"""Every unexpired token verifies with any cached key set: a model of the whole fleet."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from auth_service.app.config import AuthSettings
from auth_service.app.keys.ring import KeyPhase, KeyTimes, phases, plan_rotation, signing_key

CONFIGURED = AuthSettings(
    environment="test",
    database_url="postgresql://u@localhost/d",
    redis_url="redis://localhost",
    auth_key_encryption_key="A" * 43,
    signing_key_seconds=3600,
    signing_key_lead_seconds=366,
    access_token_seconds=900,
)
NEVER = datetime.min.replace(tzinfo=UTC)
POLICY = CONFIGURED.rotation
VIEW = timedelta(seconds=CONFIGURED.signing_key_refresh_seconds)
CACHE = timedelta(seconds=CONFIGURED.jwks_max_age_seconds)
LIFE = timedelta(seconds=CONFIGURED.access_token_seconds)


@dataclass
class Instance:
    """Holds the ring as it read it last."""

    ring: list[KeyTimes] = field(default_factory=list)
    read_at: datetime = NEVER


@dataclass
class Verifier:
    """Holds the key set as it fetched it last, and never asks before it is stale."""

    kids: frozenset[str] = frozenset()
    fetched_at: datetime = NEVER


class Fleet(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.stored: list[KeyTimes] = []
        self.made = 0
        self.tokens: list[tuple[str, datetime]] = []
        self.instances = [Instance() for _ in range(3)]
        self.verifiers = [Verifier() for _ in range(3)]
        self.run_background()

    @rule(seconds=st.integers(1, 55))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.run_background()

    @rule(steps=st.integers(1, 40))
    def long_time_passes(self, steps: int) -> None:
        for _ in range(steps):
            self.time_passes(55)

    @rule(which=st.integers(0, 2))
    def an_instance_reads_early(self, which: int) -> None:
        self.read(self.instances[which])

    @rule(which=st.integers(0, 2))
    def an_instance_signs(self, which: int) -> None:
        key = signing_key(self.instances[which].ring, self.now)
        assert key is not None
        self.tokens.append((key.kid, self.now + LIFE))

    @rule(which=st.integers(0, 2), source=st.integers(0, 2))
    def a_verifier_fetches_early(self, which: int, source: int) -> None:
        self.fetch(self.verifiers[which], self.instances[source])

    @rule()
    def an_operator_rotates(self) -> None:
        self.change(asked=True)

    def run_background(self) -> None:
        for instance in self.instances:
            if self.now - instance.read_at > VIEW:
                self.read(instance)
        for verifier in self.verifiers:
            if self.now - verifier.fetched_at > CACHE:
                self.fetch(verifier, self.instances[-1])
        self.tokens = [(kid, ends) for kid, ends in self.tokens if ends > self.now]

    def read(self, instance: Instance) -> None:
        self.change(asked=False)
        instance.ring, instance.read_at = list(self.stored), self.now

    def change(self, *, asked: bool) -> None:
        plan = plan_rotation(self.stored, self.now, POLICY, asked=asked)
        self.stored = [key for key in self.stored if key.kid not in plan.withdraw]
        if plan.create is not None:
            self.made += 1
            self.stored.append(KeyTimes(f"k{self.made}", plan.create))

    def fetch(self, verifier: Verifier, source: Instance) -> None:
        published = phases(source.ring, self.now, POLICY)
        verifier.kids = frozenset(
            kid for kid, (phase, _) in published.items() if phase is not KeyPhase.WITHDRAWN
        )
        verifier.fetched_at = self.now

    @invariant()
    def every_living_token_verifies_everywhere(self) -> None:
        for verifier in getattr(self, "verifiers", []):
            assert {kid for kid, _ in self.tokens} <= verifier.kids

    @invariant()
    def the_ring_stays_small(self) -> None:
        # Operators who rotate without pause retire one key per lead; one may await its sweep.
        retired = POLICY.linger // POLICY.lead + 1
        assert len(getattr(self, "stored", [])) <= retired + 3


TestFleet = Fleet.TestCase
TestFleet.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
