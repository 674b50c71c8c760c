from datetime import UTC, datetime

from auth_service.app.clock import utc_now


def test_the_time_is_aware_and_current() -> None:
    before = datetime.now(UTC)
    now = utc_now()
    assert now.utcoffset() is not None
    assert before <= now <= datetime.now(UTC)
