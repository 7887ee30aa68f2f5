"""An agent that is not ours, made of the Model Context Protocol's own client for Python.

Prints one line of JSON with the names of the tools that it finds, then one for each line that it reads:
`{"tool": NAME, "arguments": {}}` is answered by `{"refused": false, "value": {}}`.

    agent.py http ADDRESS TOKEN
    agent.py stdio PROGRAM [ARGUMENT...]
"""

import asyncio
import contextlib
import json
import os
import sys

import httpx2
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client


@contextlib.asynccontextmanager
async def over_http(address, token):
    headers = {"Authorization": "Bearer " + token}
    async with httpx2.AsyncClient(headers=headers) as client:
        async with streamable_http_client(address, http_client=client) as streams:
            yield streams


def say(value):
    print(json.dumps(value), flush=True)


async def main(kind, *rest):
    if kind == "http":
        way = over_http(*rest)
    else:
        way = stdio_client(StdioServerParameters(command=rest[0], args=list(rest[1:]), env=dict(os.environ)))
    async with way as streams, ClientSession(streams[0], streams[1]) as session:
        await session.initialize()
        say([tool.name for tool in (await session.list_tools()).tools])
        while line := await asyncio.to_thread(sys.stdin.readline):
            asked = json.loads(line)
            result = await session.call_tool(asked["tool"], asked["arguments"])
            say({"refused": bool(result.is_error), "value": result.structured_content})


asyncio.run(main(*sys.argv[1:]))
