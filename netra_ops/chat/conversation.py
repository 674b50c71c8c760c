"""The dialogue at the terminal: a line is a question, or a command that starts with ``/``."""

import readline
from pathlib import Path
from typing import Literal
from uuid import UUID

from netra_client.client import NetraClient
from netra_client.errors import CommandRejected, NetraClientError
from netra_client.models import Decision, Message, Thread
from netra_client.text import is_blank
from netra_ops.chat.errors import explain
from netra_ops.chat.exchange import ask, follow
from netra_ops.chat.loop_thread import LoopThread
from netra_ops.chat.plain_text import one_line
from netra_ops.chat.rich_presenter import RichPresenter

THREADS_LISTED = 20
MESSAGES_SHOWN = 6
RUNS_SHOWN = 6  # whose decisions are shown: a run has a message or more
TITLE_CHARACTERS = 60
LINE_CHARACTERS = 200  # of a refused line, which the line history has in full
HISTORY_LINES = 500
PROMPT = "> "

HELP = """/threads        list your threads
/open N         open the thread with that number (or its id)
/new            start a new thread
/rename TITLE   name this thread
/export FILE    write this thread to FILE: .json with every branch, else Markdown
/help           show this
/quit           leave (so does Ctrl-D)
A line is a message of at most 32,768 bytes.
Ctrl-C stops the answer; a second one leaves. Leaving does not stop an answer."""


class Conversation:
    """Reads lines until the person leaves.

    Args:
        loop: runs the client.
        client: connected.
        presenter: shows everything.
        is_local: how to explain a platform that is unavailable.
        base_url: likewise.
    """

    def __init__(
        self,
        loop: LoopThread,
        client: NetraClient,
        presenter: RichPresenter,
        *,
        is_local: bool,
        base_url: str,
    ) -> None:
        self._loop = loop
        self._client = client
        self._presenter = presenter
        self._is_local = is_local
        self._base_url = base_url
        self._thread_id: UUID | None = None
        self._listed: list[Thread] = []

    def open_latest(self) -> None:
        """Open the thread that was used last, if there is one."""
        threads = self._loop.do(_first(self._client, 1))
        if threads:
            self.open(threads[0])

    def open(self, thread: Thread) -> None:
        """Show a thread's newest messages, and the answer in progress."""
        self._thread_id = thread.id
        title = one_line(thread.title or "untitled", TITLE_CHARACTERS)
        self._presenter.note(f"Thread: {title}  ({thread.id})")
        self._presenter.history(self._loop.do(_newest(self._client, thread.id)))
        self._presenter.decisions(self._loop.do(_decisions(self._client, thread.id)))
        if thread.active_run_id is not None:
            follow(self._loop, self._client, self._presenter, thread.id, thread.active_run_id)

    def read_lines(self) -> None:
        """Serve the person until ``/quit``, Ctrl-D, or Ctrl-C at the prompt."""
        readline.set_history_length(HISTORY_LINES)
        self._presenter.note("/help lists the commands.")
        while True:
            if self._presenter.trouble:
                self._presenter.note(self._presenter.trouble)
            try:
                line = input(PROMPT).strip()
            except EOFError:
                return
            except UnicodeDecodeError:
                self._presenter.note("That line is not UTF-8 text; nothing was sent.")
                continue
            if line in {"/quit", "/exit"}:
                return
            if not is_blank(line):
                self._serve(line)

    def _serve(self, line: str) -> None:
        try:
            if line.startswith("/"):
                self._command(*line[1:].split(maxsplit=1))
            else:
                ask(self._loop, self._client, self._presenter, self._current(), line)
        except NetraClientError as error:
            if error.code in {"signed_out", "session_revoked", "client_closed"}:
                raise
            text = explain(error, base_url=self._base_url, is_local=self._is_local)
            self._presenter.note(
                f"{text.detail}\n  -> {text.remedy}" if text.remedy else text.detail
            )
            if isinstance(error, CommandRejected) and not line.startswith("/"):
                self._presenter.note(f"Not sent: {one_line(line, LINE_CHARACTERS)}")

    def _command(self, name: str = "", argument: str = "") -> None:
        match name:
            case "threads":
                self._list()
            case "open":
                self._open_named(argument)
            case "new":
                self._thread_id = None
                self._presenter.note("A new thread starts with your next line.")
            case "rename" if argument:
                self._loop.do(self._client.threads.rename(self._current(), argument))
            case "export" if argument:
                self._export(argument)
            case "help":
                self._presenter.note(HELP)
            case _:
                self._presenter.note(f"There is no command /{name}. /help lists them.")

    def _list(self) -> None:
        self._listed = self._loop.do(_first(self._client, THREADS_LISTED))
        for number, thread in enumerate(self._listed, 1):
            mark = "*" if thread.id == self._thread_id else " "
            when = thread.updated_at.astimezone().strftime("%Y-%m-%d %H:%M")
            title = one_line(thread.title or "untitled", TITLE_CHARACTERS)
            busy = "  (answering)" if thread.active_run_id else ""
            self._presenter.note(f"{mark}{number:3}  {when}  {title}{busy}")
        if not self._listed:
            self._presenter.note("No threads yet. Write something to start one.")

    def _open_named(self, argument: str) -> None:
        if not self._listed:
            self._listed = self._loop.do(_first(self._client, THREADS_LISTED))
        if argument.isdecimal() and 0 < int(argument) <= len(self._listed):
            self.open(self._loop.do(self._client.threads.get(self._listed[int(argument) - 1].id)))
            return
        try:
            thread_id = UUID(argument)
        except ValueError:
            self._presenter.note(f"/open takes a number from 1 to {len(self._listed)}, or an id.")
            return
        self.open(self._loop.do(self._client.threads.get(thread_id)))

    def _export(self, argument: str) -> None:
        if self._thread_id is None:
            self._presenter.note("No thread is open; /open one first.")
            return
        path = Path(argument).expanduser()
        form: Literal["json", "markdown"] = "json" if path.suffix == ".json" else "markdown"
        document = self._loop.do(self._client.threads.export(self._thread_id, form))
        try:
            with path.open("xb") as file:  # never over something that exists
                file.write(document)
        except OSError as error:
            self._presenter.note(f"{path} cannot be written: {error.strerror}. Give another name.")
            return
        self._presenter.note(f"Written: {path} ({len(document):,} bytes)")

    def _current(self) -> UUID:
        if self._thread_id is None:
            self._thread_id = self._loop.do(self._client.threads.create()).id
        return self._thread_id


async def _first(client: NetraClient, count: int) -> list[Thread]:
    found: list[Thread] = []
    async for thread in client.threads.list():
        found.append(thread)
        if len(found) == count:
            break
    return found


async def _newest(client: NetraClient, thread_id: UUID) -> list[Message]:
    found: list[Message] = []
    async for message in client.threads.messages(thread_id, newest_first=True):
        found.append(message)
        if len(found) == MESSAGES_SHOWN:
            break
    return found[::-1]


async def _decisions(client: NetraClient, thread_id: UUID) -> list[Decision]:
    """Return the decisions of the newest runs, oldest first."""
    found: list[Decision] = []
    seen = 0
    async for run in client.threads.runs(thread_id):
        found[:0] = run.decisions or ()
        seen += 1
        if seen == RUNS_SHOWN:
            break
    return found
