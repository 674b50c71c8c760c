"""Targets for the renderer."""

import pytest

from netra_cloud.edge.run_target import Endpoint, Revision, RunTarget, neg_target, target_of


def test_a_group_is_one_revision_with_everything_and_the_longest_timeout() -> None:
    target = neg_target("web", "127.0.0.1", 9000)
    assert target.revisions == (Revision("neg", 100, (Endpoint("127.0.0.1", 9000),)),)
    assert target.timeout_seconds == 3600
    assert not target.session_affinity


def test_traffic_that_is_not_whole_is_refused() -> None:
    with pytest.raises(ValueError, match="traffic sums up to 90, not to 100"):
        RunTarget("web", (Revision("one", 90, ()),))


def test_a_declared_service_keeps_its_timeout_and_affinity() -> None:
    body = {"name": "web", "template": {"timeout": "60s", "sessionAffinity": True}}
    target = target_of(body, "127.0.0.1", 1, 2)
    assert (target.timeout_seconds, target.session_affinity) == (60.0, True)
    assert [one.port for one in target.revisions[0].endpoints] == [1, 2]
