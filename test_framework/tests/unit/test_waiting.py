import pytest

from test_framework.waiting import eventually


async def test_it_returns_as_soon_as_the_condition_holds() -> None:
    asked: list[int] = []

    def third_time() -> bool:
        asked.append(1)
        return len(asked) == 3

    await eventually(third_time)
    assert len(asked) == 3


async def test_a_coroutine_is_a_condition_too() -> None:
    async def holds() -> bool:
        return True

    await eventually(holds)
    with pytest.raises(AssertionError, match=r"never mind: not so after 0\.02 s"):
        await eventually(lambda: None, within=0.02, what="never mind")


async def test_the_last_value_is_reported() -> None:
    with pytest.raises(AssertionError, match=r"\[\]: not so after 0 s"):
        await eventually(list, within=0)
