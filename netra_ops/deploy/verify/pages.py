"""The checks of the frontend: its bundle, its protocol version, and the chunks of open tabs."""

import asyncio
from datetime import UTC, datetime

from netra_ops.deploy.build.chunk_manifest import PATH, next_kept
from netra_ops.deploy.build.earlier_chunks import manifest_at
from netra_ops.deploy.verify.result import CheckResult, judged
from netra_ops.deploy.verify.subject import Subject
from netra_ops.validate.bundle_probe import BundleProbe


async def check_bundle(subject: Subject) -> CheckResult:
    """Walk the chunks of the served page; the backend behind the same address must take it.

    A page that speaks another protocol version than the backend is refused here: that is skew.
    """

    async def token() -> str:
        return subject.token

    probe = BundleProbe(
        frontend_url=subject.url,
        backend_url=subject.url,
        origin=subject.origin,
        sign_in=token,
        expected_digest=subject.frontend_digest,
    )
    good = await probe.run()
    failed = [f"{step.name}: {step.detail}" for step in probe.steps if not step.passed]
    return judged(
        "bundle",
        good,
        expected=f"build {subject.frontend_digest[:12]} with a protocol that the backend speaks",
        seen="; ".join(failed) or f"{probe.steps[1].detail}, taken by the backend",
        command="python scripts/verify_frontend_bundle.py --environment ENV",
    )


async def check_open_tabs(subject: Subject) -> CheckResult:
    """Compare the candidate's hashed files with those of the pages that serve now.

    An image that another environment verified holds the chunks of that environment's releases, so
    it is looked at, not assumed. Pages without a manifest ask for nothing.
    """
    (serving, _), (candidate, problem) = await asyncio.gather(
        asyncio.to_thread(manifest_at, subject.serving_pages),
        asyncio.to_thread(manifest_at, subject.url),
    )
    wanted = [file.path for file in next_kept(serving, datetime.now(UTC)).files]
    served = {file.path for file in candidate.files}
    missing = [path for path in wanted if path not in served]
    found = f"{len(missing)} of {len(wanted)} absent, such as {missing[0]}" if missing else ""
    return judged(
        "open tabs",
        not missing,
        expected="the chunks of the pages that serve now",
        seen="; ".join(filter(None, (found, problem))) or f"all {len(wanted)}",
        command=f"curl -s {subject.serving_pages}{PATH}",
    )
