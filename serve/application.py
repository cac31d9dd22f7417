"""The server's addresses: the page, and what it asks for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from pocketrag.errors import InputError
from pocketrag.html_templates import environment
from pocketrag.runtime.generator.answering import answer

from .asked_search import found, read_asked
from .judged import Judged
from .matched_words import MatchedWords
from .same_origin import LARGEST, Guard
from .served_bundle import ServedBundle, Shelf
from .votes import Votes

PAGE = Path(__file__).with_name("page")

Body: TypeAlias = Mapping[str, Any]


def application(shelf: Shelf, judged: Judged, votes: Votes, port: int) -> ASGIApp:
    """Return the application that answers on a port of this machine."""

    def search(body: Body) -> object:
        asked = read_asked(body)
        shelf.asked += 1
        return shelf[body.get("bundle", 0)].ask(
            lambda rag: found(rag, MatchedWords(rag.database), asked), asked.encoder
        )

    def written(body: Body) -> object:
        asked = read_asked(body)
        shelf.asked += 1
        done = shelf[body.get("bundle", 0)].with_generator(
            lambda rag, generator: answer(rag, asked.question, generator, threshold=asked.threshold)
        )
        return done.as_json()

    def ranks(body: Body) -> object:
        return {"questions": shelf[body.get("bundle", 0)].ask(judged.ranks)}

    def vote(body: Body) -> object:
        bundle = shelf[body.get("bundle", 0)]
        votes.add(body, bundle.ask(lambda rag: set(rag.database.ids)))
        return {"votes": votes.written, "file": votes.file.name}

    def page(_: Request) -> Response:
        about = [_about(one) for one in shelf.bundles]
        return HTMLResponse(
            environment(PAGE).get_template("page.html").render(bundles=about, judged=bool(judged))
        )

    posts: dict[str, Callable[[Body], object]] = {
        "/search": search, "/answer": written, "/ranks": ranks, "/vote": vote,
    }  # fmt: skip
    routes = [
        Route("/", page),
        *(Route(path, _posted(work), methods=["POST"]) for path, work in posts.items()),
        Mount("/page", StaticFiles(directory=PAGE)),
    ]
    return Guard(Starlette(routes=routes), port)


def _posted(work: Callable[[Body], object]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(await to_thread.run_sync(work, await _body(request)))
        except InputError as error:
            return JSONResponse({"error": str(error)}, 400)
        except (
            Exception
        ) as error:  # whatever LiteRT or SQLite raise: the page says it, and the server goes on
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 500)

    return endpoint


async def _body(request: Request) -> Body:
    read = b""
    async for part in request.stream():
        read += part
        if len(read) > LARGEST:
            raise InputError(f"the request is larger than {LARGEST:,} bytes.")
    try:
        body = json.loads(read)
    except (ValueError, RecursionError):
        raise InputError("the request is no JSON.") from None
    if not isinstance(body, dict):
        raise InputError("the request must be a JSON object.")
    return body


def _about(bundle: ServedBundle) -> dict[str, Any]:
    manifest = bundle.manifest
    main = manifest.encoders[0]
    return {
        "name": manifest.name,
        "version": manifest.version,
        "passages": manifest.counts.passages,
        "mode": main.fusion.mode,
        "threshold": main.threshold,
        "encoders": [(one.role, one.name) for one in manifest.encoders],
        "model": manifest.base_model,
        "licences": manifest.licences,
        "generates": bundle.generates,
    }
