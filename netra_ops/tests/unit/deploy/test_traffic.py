import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.deploy.traffic import (
    CANDIDATE_TAG,
    STABLE_TAG,
    Target,
    is_pinned,
    problems,
    resolved,
    shared,
    staged,
    whole_to,
)


@given(st.integers(0, 100))
def test_a_shared_split_is_accepted_and_gives_each_its_part(percent: int) -> None:
    split = shared("old", "new", percent)

    assert problems(split) == []
    assert resolved(split, latest="new").get("new", 0) == percent
    assert resolved(split, latest="new").get("old", 0) == 100 - percent
    assert {t.tag: t.revision for t in split if t.tag} == {
        STABLE_TAG: "old",
        CANDIDATE_TAG: "new",
    }


def test_a_share_above_a_hundred_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 100"):
        shared("old", "new", 101)


def test_staging_moves_no_traffic_and_replaces_the_former_candidate() -> None:
    before = staged(whole_to("old"), "failed")

    after = staged(before, "new")

    assert resolved(after, latest="new") == {"old": 100}
    assert [t.revision for t in after if t.tag == CANDIDATE_TAG] == ["new"]
    assert problems(after) == []


def test_an_empty_split_follows_the_latest_revision() -> None:
    assert resolved((), latest="new") == {"new": 100}
    assert not is_pinned(())


def test_latest_at_zero_percent_is_still_pinned() -> None:
    assert is_pinned((Target("old", 100), Target(None, 0, "next")))
    assert not is_pinned(whole_to(None))
    assert is_pinned(whole_to("old"))


def test_whole_to_keeps_tags_without_their_traffic() -> None:
    split = whole_to("new", tags=shared("old", "new", 50))

    assert resolved(split, latest="x") == {"new": 100}
    assert sum(1 for t in split if t.tag) == 2


def test_problems_name_what_cloud_run_would_refuse() -> None:
    found = problems((Target("a", 90, "t"), Target("b", -5, "t")))

    assert found == ["percentages add up to 85, not to 100", "a tag is used twice", "b: -5 %"]
