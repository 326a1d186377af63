"""One request to a target, and how it ended. Nothing is tried twice here, and no redirect is followed.

Hosts that a kind fixes are asked as any client does. Where the address may name any host, it is looked up once, every
address is checked, and the connection goes to a checked one, under the name (TLS checks that).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.config.deliveries import DeliveryConfig
from digest.delivery.addresses import AddressError, Resolve, checked_addresses, resolve
from digest.delivery.answers import Answer, Outcome, read_answer
from digest.delivery.kinds import KINDS
from digest.delivery.payloads import Payload
from digest.delivery.signing import SIGNATURES
from digest.upstream.bounded import BodyError, BoundedBody
from digest.upstream.fetching import parse_retry_after

if TYPE_CHECKING:
    import httpx

    from digest.delivery.checked_transport import Check

TIMEOUT = timedelta(seconds=20)
_ANSWER_BYTES = 64_000


class Sender:
    """Send payloads.

    Args:
        user_agent: As for every other request of this server.
        transport: What carries requests, None for the network; that of hosts to be checked, too.
        resolve: Looks names up.
        now: The clock, for signatures and Retry-After dates.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve = resolve,
        now: Callable[[], datetime],
    ) -> None:
        self._user_agent = user_agent
        self._transport = transport
        self._resolve = resolve
        self._now = now

    async def send(self, payload: Payload, target: DeliveryConfig, *, within: timedelta = TIMEOUT) -> Answer:
        """Make one attempt. Raises nothing but cancellation."""
        kind = KINDS[target.kind]
        if kind.is_mail:
            from digest.delivery.mail import send_mail

            return await send_mail(payload, target, resolve=self._resolve, within=within)
        if kind.signature and target.key:
            payload = SIGNATURES[kind.signature](payload, target.key, self._now())
        try:
            return await self._request(payload, target, within)
        except AddressError as error:
            return Answer(Outcome.UNREACHED, str(error))

    async def _request(self, payload: Payload, target: DeliveryConfig, within: timedelta) -> Answer:
        import httpx

        from digest.delivery.checked_transport import CheckedTransport

        kind = KINDS[target.kind]
        transport = self._transport
        if kind.is_anywhere:
            inner = transport or httpx.AsyncHTTPTransport()
            transport = CheckedTransport(inner, self._check(target))
        try:
            async with asyncio.timeout(within.total_seconds()):
                async with self._client(transport, within) as http:
                    request = http.build_request(
                        payload.method, payload.url, content=payload.body, headers=dict(payload.headers)
                    )
                    response = await http.send(request, stream=True)
                    body = await _read(response)
        except AddressError:
            raise
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            return Answer(Outcome.UNREACHED, f"no connection ({type(error).__name__})")
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(Outcome.UNKNOWN, f"no answer ({type(error).__name__})")
        pause = parse_retry_after(response.headers.get("Retry-After"), self._now())
        return read_answer(kind, response.status_code, body, pause=pause, secrets=target.secrets)

    def _check(self, target: DeliveryConfig) -> Check:
        async def check(host: str, port: int) -> tuple[str, ...]:
            return await checked_addresses(host, port, allow_private=target.allow_private, resolve=self._resolve)

        return check

    def _client(self, transport: httpx.AsyncBaseTransport | None, within: timedelta) -> httpx.AsyncClient:
        import httpx

        return httpx.AsyncClient(
            transport=transport,
            headers={"User-Agent": self._user_agent, "Accept-Encoding": BoundedBody.ENCODINGS},
            timeout=httpx.Timeout(within.total_seconds(), connect=within.total_seconds() / 2),
            follow_redirects=False,
        )


async def _read(response: httpx.Response) -> bytes:
    """Return the body of an answer; "" for one that is too long or packed in a way that wasn't asked for."""
    try:
        body = BoundedBody(response.headers.get("content-encoding", ""), limit_bytes=_ANSWER_BYTES)
        async for chunk in response.aiter_raw():
            body.feed(chunk)
        return body.whole()
    except BodyError:
        return b""
    finally:
        await response.aclose()
