"""``scripts/verify_frontend_bundle.py``: what is served, and whether the backend takes it."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict

from netra_client.errors import NetraClientError
from netra_ops.environments.access import address_of, origin_of, sign_in
from netra_ops.environments.loader import EnvironmentDescriptor, EnvironmentName, load_environment
from netra_ops.exit_status import exit_status_of
from netra_ops.frontend.sources import source_digest
from netra_ops.stack.paths import project_root
from netra_ops.terminal import print_error, print_json
from netra_ops.validate.bundle_probe import BundleProbe

FROM_SOURCES = "sources"
REMEDIES = {
    "page": "is the frontend deployed? netra status, netra logs frontend",
    "version": "deploy the build that is expected, and look at caches in between",
    "chunks": "a half-finished deploy: wait for it to end, or deploy again",
    "handshake": "this is not a build of frontend/; cd frontend && npm run build -- --no-cache",
    "backend": "deploy backend and frontend of one release",
}
EPILOG = """examples:
  verify_frontend_bundle.py --environment local
  verify_frontend_bundle.py --environment staging --digest sources   is this checkout served?

Exit status: 0 in order, 1 not, 2 usage, 3 no address or no account."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify and report; returns the exit status."""
    options = _parser().parse_args(arguments)
    return exit_status_of(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    probe = _probe(load_environment(options.environment), options)
    try:
        passed = asyncio.run(probe.run())
    except NetraClientError as error:
        print_error(f"sign-in failed: {error.message} ({error.code})", "netra status")
        return 1
    if options.json:
        steps = [asdict(step) for step in probe.steps]
        print_json({"url": probe.frontend_url, "passed": passed, "steps": steps})
    else:
        _show(probe, passed=passed)
    return 0 if passed else 1


def _probe(descriptor: EnvironmentDescriptor, options: argparse.Namespace) -> BundleProbe:
    address = address_of(descriptor, options.url)
    frontend = address if descriptor.is_local or options.url else descriptor.frontend_url
    digest = options.digest
    if digest == FROM_SOURCES:
        digest = source_digest(project_root() / "frontend")
    return BundleProbe(
        frontend_url=frontend,
        backend_url=address,
        origin=origin_of(address, descriptor),
        sign_in=lambda: sign_in(address, descriptor, purpose="bundle-probe"),
        expected_digest=digest,
    )


def _show(probe: BundleProbe, *, passed: bool) -> None:
    sys.stdout.write(f"{probe.frontend_url}\n")
    for step in probe.steps:
        mark = "✓" if step.passed else "✗"
        sys.stdout.write(f"  {mark} {step.name:<11}{step.milliseconds:8.1f} ms  {step.detail}\n")
        if not step.passed:
            sys.stdout.write(f"    -> {REMEDIES[step.name]}\n")
    sys.stdout.write("PASSED\n" if passed else "FAILED\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="verify_frontend_bundle.py",
        description="Walk the page's real chunks, find the jwt-auth handshake and the protocol "
        "version, and shake hands with the backend as that page would.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--environment", required=True, choices=[str(name) for name in EnvironmentName]
    )
    parser.add_argument(
        "--digest",
        default="",
        help=f"the build that must be served: a (beginning of a) SHA-256, or {FROM_SOURCES!r} "
        "for this checkout's",
    )
    parser.add_argument("--url", help="another address, http(s)://host[:port]")
    parser.add_argument("--json", action="store_true", help="print the steps as JSON")
    return parser
