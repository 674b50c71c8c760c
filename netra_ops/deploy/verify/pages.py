"""The check of the frontend: its bundle, and its protocol version against the backend's."""

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
