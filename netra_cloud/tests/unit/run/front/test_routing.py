"""Choices of a revision."""

from hypothesis import given
from hypothesis import strategies as st

from netra_cloud.run.front.routing import (
    ServiceRoute,
    Transition,
    choose,
    choose_sticky,
    split_host,
)

points = st.floats(0, 1, exclude_max=True)
splits = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 100), min_size=1)


def route(**split: int) -> ServiceRoute:
    return ServiceRoute("web", "us-central1", split, {})


@given(splits, points)
def test_every_point_leads_to_a_revision_with_traffic(split: dict[str, int], point: float) -> None:
    assert choose(split, point) in split


def test_shares_are_intervals_of_their_size() -> None:
    served = [choose({"a": 90, "b": 10}, point / 1000) for point in range(1000)]
    assert served.count("b") == 100


@given(splits, st.text())
def test_a_client_keeps_its_revision_while_the_split_is_the_same(
    split: dict[str, int], client: str
) -> None:
    assert choose_sticky(split, client) == choose_sticky(dict(reversed(split.items())), client)
    assert choose_sticky(split, client) in split


def test_a_changed_split_moves_only_the_clients_that_it_must() -> None:
    clients = [f"client-{number}" for number in range(2000)]
    before = {one: choose_sticky({"a": 90, "b": 10}, one) for one in clients}
    after = {one: choose_sticky({"a": 80, "b": 20}, one) for one in clients}
    assert 120 < list(before.values()).count("b") < 280  # 200 expected, deviation 13
    moved = [one for one in clients if before[one] != after[one]]
    assert 120 < len(moved) < 280  # a tenth, as Google documents
    assert {after[one] for one in moved} == {"b"}


def test_hosts() -> None:
    assert split_host("web.us-central1.run.localhost:8080") == ("", "web", "us-central1")
    assert split_host("Tag---web.us-central1.run.localhost") == ("tag", "web", "us-central1")
    assert split_host("web.example") is None
    host = route(a=100).tag_host("blue")
    assert split_host(host) == ("blue", "web", "us-central1")


def test_in_the_propagation_window_both_routes_serve_and_the_new_one_wins() -> None:
    old, new = route(a=100), route(b=100)
    transition = Transition(old, new, changed_at=100.0, window_seconds=10.0)
    assert transition.at(100.0, 0.0) is old
    assert transition.at(105.0, 0.4) is new
    assert transition.at(105.0, 0.6) is old
    assert transition.at(110.0, 0.999) is new
    assert Transition(None, new, 100.0, 10.0).at(100.0, 0.9) is new
    assert Transition(old, new, 100.0, 0.0).at(100.0, 0.9) is new
