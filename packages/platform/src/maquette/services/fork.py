"""Where predictions and a server's other routes part, and what the two ways tell each other."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from maquette.services.infers import PREFIX, Infers
from maquette.web.door import CHANGES


class SeenByCalls(APIRoute):
    """A route that changes services or tells how they are: it answers once the calls of this server go by that. Other
    servers see it at their next look."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_and_show(request: Request) -> Response:
            response = await handle(request)
            infers: Infers | None = getattr(request.app.state, "infers", None)
            if infers is not None:
                await infers.catch_up()
            return response

        return handle_and_show


class Fork:
    """Predictions take a short way: finding their route among all others would take longer than passing them on.

    What the others change may be who may call: before they say so, the entrance forgets whom it knows.
    """

    def __init__(self, infers: Infers, others: ASGIApp) -> None:
        self.infers = infers
        self.others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self.infers(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] in CHANGES:
            await self.others(scope, receive, self.forgetting(send))
        else:
            await self.others(scope, receive, send)

    def forgetting(self, send: Send) -> Send:
        async def forget_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.infers.entrance.forget()
            await send(message)

        return forget_and_send
