"""``netra chat``."""

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from rich.console import Console

from netra_client.client import NetraClient
from netra_client.errors import NetraClientError
from netra_client.identity import IdentityClient
from netra_client.options import ClientOptions
from netra_client.run import Outcome
from netra_client.text import is_blank
from netra_ops.chat.conversation import Conversation
from netra_ops.chat.credentials import CredentialStore
from netra_ops.chat.errors import explain
from netra_ops.chat.exchange import Left, ask
from netra_ops.chat.input_text import InputRefused, utf8_argument, utf8_text
from netra_ops.chat.loop_thread import LoopThread
from netra_ops.chat.presenter import JsonPresenter, PlainPresenter, Presenter
from netra_ops.chat.rich_presenter import RichPresenter
from netra_ops.chat.sign_in import SignInOptions, sign_in
from netra_ops.environments.loader import EnvironmentName, is_origin, load_environment
from netra_ops.exit_status import EXIT_INTERRUPTED
from netra_ops.stack.options import DataDir
from netra_ops.stack.paths import stack_paths
from netra_ops.stack.state import read_running
from netra_ops.terminal import keep_lines, print_error

EXIT_FAILED = 1
EXIT_USAGE = 2
MAX_QUESTION_BYTES = 32_768  # SOCKETS__MAX_MESSAGE_BYTES, in UTF-8

EXAMPLES = """Examples:
  netra chat                            talk; the first time it asks who you are
  netra chat --sign-up --email ada@example.com
  netra chat "Why do sockets close with 4413?"
  git diff | netra chat "Review this"   the answer's text goes to stdout
  netra chat --json "Hello" | jq -r 'select(.type=="event").event.type'
  netra chat --logout"""

MadeType = TypeVar("MadeType")

app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class Place:
    """The platform that is talked to."""

    name: EnvironmentName
    base_url: str

    @property
    def is_local(self) -> bool:
        """Whether ``netra up`` runs it."""
        return self.name is EnvironmentName.LOCAL


@app.command(epilog=keep_lines(EXAMPLES))
def chat(
    question: Annotated[str | None, typer.Argument(help="Ask this and leave.")] = None,
    *,
    environment: Annotated[
        EnvironmentName, typer.Option("--environment", "-e", help="Where.")
    ] = EnvironmentName.LOCAL,
    url: Annotated[str | None, typer.Option(help="Another address, http(s)://host[:port].")] = None,
    email: Annotated[str | None, typer.Option(help="Sign in as; asks for the password.")] = None,
    sign_up: Annotated[bool, typer.Option("--sign-up", help="Make a new account.")] = False,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Take an access token from stdin's first line.")
    ] = False,
    logout: Annotated[bool, typer.Option("--logout", help="End the stored session.")] = False,
    thread: Annotated[UUID | None, typer.Option(help="Open this thread.")] = None,
    new: Annotated[bool, typer.Option("--new", help="Start a new thread.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print events as JSON lines.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Talk to the agent. A question, or piped text, is answered in a new thread of its own.

    Without a question it continues the thread that was used last. NETRA_PASSWORD replaces the
    prompt for the password.
    """
    place = _place(environment, url, data_dir)
    store = CredentialStore(place.name, place.base_url)
    if question is not None:
        question = utf8_argument(question)
    if not sys.stdin.isatty() and not token_stdin and not logout:
        question = _with_piped_text(question)
    if question is not None and is_blank(question):
        question = None
    if question is None and not sys.stdin.isatty() and not logout:
        sys.stderr.write("netra: nothing to ask: stdin is no terminal and empty\n")
        raise typer.Exit(EXIT_USAGE)
    if question is None and not logout and (as_json or not sys.stdout.isatty()):
        print_error(
            "a conversation needs a terminal to write to, without --json",
            'ask one question instead: netra chat "QUESTION"',
        )
        raise typer.Exit(EXIT_USAGE)
    options = SignInOptions(email, sign_up, token_stdin)
    if sys.stdin.isatty():
        # A parent that ignores SIGINT, such as a shell's background job, passes that on to us;
        # Ctrl-C typed at this terminal would then do nothing.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    with LoopThread() as loop:
        try:
            identity = loop.do(_made(lambda: IdentityClient(place.base_url)))
            try:
                if logout:
                    _log_out(loop, identity, store)
                    return
                tokens = sign_in(loop, identity, store, options)
                presenter = _presenter(as_json=as_json)
                client = loop.do(
                    _made(
                        lambda: NetraClient(
                            place.base_url,
                            tokens,
                            ClientOptions(name="netra-chat", on_state=presenter.state),
                        )
                    )
                )
                _talk(loop, client, presenter, place, question=question, thread=thread, new=new)
            finally:
                loop.do(identity.aclose())
        except NetraClientError as error:
            raise explain(error, base_url=place.base_url, is_local=place.is_local) from error
        except Left:
            raise typer.Exit(EXIT_INTERRUPTED) from None


def _talk(
    loop: LoopThread,
    client: NetraClient,
    presenter: Presenter,
    place: Place,
    *,
    question: str | None,
    thread: UUID | None,
    new: bool,
) -> None:
    loop.do(client.__aenter__())
    try:
        if question is not None:
            thread_id = thread or loop.do(client.threads.create()).id
            outcome = ask(loop, client, presenter, thread_id, question)
            if outcome is not Outcome.SUCCESS:
                raise typer.Exit(EXIT_INTERRUPTED if outcome is Outcome.CANCELLED else EXIT_FAILED)
            return
        assert isinstance(presenter, RichPresenter)  # noqa: S101  ``_presenter`` chose it
        conversation = Conversation(
            loop, client, presenter, is_local=place.is_local, base_url=place.base_url
        )
        if thread is not None:
            conversation.open(loop.do(client.threads.get(thread)))
        elif not new:
            conversation.open_latest()
        conversation.read_lines()
    finally:
        loop.do(client.aclose())


def _place(name: EnvironmentName, url: str | None, data_dir: DataDir) -> Place:
    if url is not None:
        if not is_origin(url):
            raise typer.BadParameter(f"{url!r}: write http(s)://host[:port]", param_hint="--url")
        return Place(name, url.rstrip("/"))
    if name is EnvironmentName.LOCAL:
        running = read_running(stack_paths(data_dir).state)
        if running is not None:
            return Place(name, running.url)
    descriptor = load_environment(name)
    descriptor.require_address()
    return Place(name, descriptor.base_url)


def _presenter(*, as_json: bool) -> Presenter:
    if as_json:
        return JsonPresenter()
    if sys.stdout.isatty():
        return RichPresenter(Console())
    return PlainPresenter()


def _with_piped_text(question: str | None) -> str | None:
    data = sys.stdin.buffer.read(MAX_QUESTION_BYTES + 1)
    if len(data) > MAX_QUESTION_BYTES:
        raise InputRefused(
            f"stdin has more than {MAX_QUESTION_BYTES:,} bytes, the limit of a message",
            remedy="send a part of it: head -c 30000 FILE | netra chat",
        )
    piped = utf8_text(data, "stdin").strip()
    return "\n\n".join(part for part in (question, piped) if part) or None


def _log_out(loop: LoopThread, identity: IdentityClient, store: CredentialStore) -> None:
    session = store.load()
    if session is None:
        sys.stdout.write("No one is signed in.\n")
        return
    try:
        loop.do(identity.logout(session.refresh_token))
    finally:
        store.delete()  # also when the platform is unavailable: this machine forgets in any case
    sys.stdout.write(f"Signed out {session.email}.\n")


async def _made(make: Callable[[], MadeType]) -> MadeType:
    """Call ``make`` on the loop: what it makes belongs to that loop."""
    return make()
