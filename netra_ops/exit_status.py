"""What a program of the operator says and exits with when it cannot continue."""

import sys
from collections.abc import Callable

from netra_ops.errors import OperatorError
from netra_ops.terminal import print_error
from netra_shared.errors import ConfigurationError

EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def exit_status_of(work: Callable[[], int]) -> int:
    """Run ``work`` and return its exit status, or that of its error, which is printed on stderr.

    A Ctrl-C ends it without a traceback.
    """
    try:
        return work()
    except OperatorError as error:
        print_error(error.detail, error.remedy)
        return error.exit_code
    except ConfigurationError as error:
        print_error(error.detail, "correct the variables above")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("\n")  # the shell's prompt starts a line of its own after ^C
        return EXIT_INTERRUPTED
