"""Lets the interop suite use the published `bdd-file-client` as its users do.

Reads one JSON object per line from standard input, `{"call": <name>, "args": {...}, "client": {...}}`, makes a client with
what is in `client`, calls it, and writes one JSON object per line to standard output: `{"result": ...}`, or
`{"error": {"type", "message"}}` when the client raised. Ends with standard input. Ids are strings of digits in what it
reads, integers in what it writes.
"""

import argparse
import base64
import io
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Callable

import bdd_file
from bdd_file import BddFileClient

Call = Callable[..., Any]

ADDRESSES = dict(bdd_file.BDD_FILE_PROFILES)


def calls_of(client: BddFileClient) -> dict[str, Call]:
    """What a line may ask for. Arguments keep the published names, but a chat file says `chat_id`, and a stream is the path
    of a file to open."""

    def upload(chat_id: str | None = None, stream: str | None = None, **options: Any) -> int:
        target = {} if chat_id is None else {"biz": "chat", "biz_params": {"chat_id": chat_id}}
        if stream is None:
            return client.upload(**{**target, **options})
        with open(stream, "rb") as opened:
            return client.upload(stream=opened, **{**target, **options})

    def read(file_id: str, **options: Any) -> str:
        stream = io.BytesIO()
        client.download(file_id=int(file_id), stream=stream, **options)
        return base64.b64encode(stream.getvalue()).decode()

    return {
        "version": lambda: version("bdd-file-client"),
        "addresses": lambda: ADDRESSES,
        "upload": upload,
        "download": lambda file_id, **options: client.download(file_id=int(file_id), **options),
        "read": read,
        "get_download_url": lambda file_id, **options: client.get_download_url(file_id=int(file_id), **options),
        "delete": lambda file_id, **options: client.delete(file_id=int(file_id), **options),
        "list_chat_files": lambda **options: client.list_chat_files(**options),
        "sync_chat_files_to_local": lambda **options: list(client.sync_chat_files_to_local(**options).items()),
        "sync_chat_files_to_remote": lambda **options: list(client.sync_chat_files_to_remote(**options).items()),
        "list_directories": lambda **options: client.list_directories(**options),
        "list_files_in_directory": lambda directory_id, **options: client.list_files_in_directory(
            directory_id=int(directory_id), **options
        ),
    }


def plain(value: Any) -> Any:
    """What `json` cannot write by itself: the client's models, and paths."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def answer(line: str) -> dict[str, Any]:
    request = json.loads(line)
    try:
        calls = calls_of(BddFileClient(**request["client"]))
        return {"result": calls[request["call"]](**request["args"])}
    except Exception as error:  # whatever the published client lets out is what its users see
        return {"error": {"type": type(error).__name__, "message": str(error)}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="base URL of the service, on this machine")
    options = parser.parse_args()

    # Every address the client knows leads to the given service: nothing can reach the company's network.
    for profile in bdd_file.BDD_FILE_PROFILES:
        bdd_file.BDD_FILE_PROFILES[profile] = options.url

    for line in sys.stdin:
        print(json.dumps(answer(line), default=plain), flush=True)


if __name__ == "__main__":
    main()
