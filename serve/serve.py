"""`pocketrag serve`: bundles in a page of this machine's browser."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats.facts.serve import ServeFacts, SiteFacts

from .application import application
from .browser.write_site import write_site
from .judged import Judged, read_judged_questions
from .served_bundle import ServedBundle, Shelf
from .votes import Votes

#: Nothing but this machine reaches it.
HOST = "127.0.0.1"
PORT = 8123
#: Seconds that a browser may take to finish a request when the server ends.
PATIENCE = 2


def serve(
    bundles: Sequence[str],
    *,
    port: int = PORT,
    queries: str | None = None,
    qrels: str | None = None,
    votes: str = "votes.jsonl",
    generator: str | None = None,
    static: str | None = None,
    packages: str | None = None,
) -> ServeFacts | SiteFacts:
    """Serve a page in which bundles are asked, until Ctrl-C; or write one that needs no server of ours.

    Args:
        bundles: folders of bundles; two are shown side by side.
        port: of 127.0.0.1; 0 takes a free one.
        queries: judged questions, BEIR layout: the page lists them with their ranks.
        qrels: their judgements.
        votes: the file that votes on passages are added to; `pocketrag import` takes it.
        generator: the folder of a generator; by default that beside each bundle.
        static: write the page and its bundle into this folder, for any static host, and serve nothing.
        packages: with `static`: a `node_modules` with the page's npm packages, in place of npm.

    Raises:
        InputError: a bundle, a generator or a file of questions can't be opened, the port is in use, or the
            folder can't be written.

    """
    if static is not None:
        return _site(bundles, static, packages)
    if packages is not None:
        raise InputError("--packages: says nothing without --static.")
    with contextlib.ExitStack() as opened:
        shelf = Shelf([opened.enter_context(ServedBundle(folder, generator)) for folder in bundles])
        judged = Judged(read_judged_questions(queries, qrels))
        kept = Votes(votes)
        with _listening(port) as listening:
            address = f"http://{HOST}:{listening.getsockname()[1]}"
            app = application(shelf, judged, kept, listening.getsockname()[1])
            status(f"{address}  (Ctrl-C ends it)")
            _run(app, listening)
        return ServeFacts(
            address=address, bundles=tuple(bundles), questions=shelf.asked, votes=votes, voted=kept.written
        )


def _site(bundles: Sequence[str], out: str, packages: str | None) -> SiteFacts:
    if len(bundles) != 1:
        raise InputError("--static: takes one bundle.")
    return write_site(Path(bundles[0]), Path(out), Path(packages) if packages else None)


def _listening(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        # Before its address is told: whoever opens it waits until it answers.
        listening.listen()
    except (OSError, OverflowError) as error:
        listening.close()
        raise InputError(f"--port {port}: {error}; name another one, or 0 for one that is free.") from None
    return listening


def _run(app: object, listening: socket.socket) -> None:
    config = uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=PATIENCE)  # type: ignore[arg-type]
    # Ctrl-C is how it ends: no error.
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
