"""Lets the interop suite use the published `bdd-file-client` as its users do.

Reads one JSON object per line from standard input, `{"call": <name>, "args": {...}}`, calls the client, and writes one
JSON object per line to standard output: `{"result": ...}`, or `{"error": {"type", "message"}}` when the client raised.
Ends with standard input. Ids are strings of digits in what it reads, integers in what it writes.
"""

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Callable

import bdd_file
from bdd_file import BddFileClient

Call = Callable[..., Any]


def calls_of(client: BddFileClient) -> dict[str, Call]:
    """What a line may ask for. Arguments keep the published names, but a chat file says `chat_id`."""

    def upload(path: str, chat_id: str, as_stream: bool = False, **options: Any) -> int:
        target = {"biz": "chat", "biz_params": {"chat_id": chat_id}, **options}
        if not as_stream:
            return client.upload(path=path, **target)
        with open(path, "rb") as stream:
            return client.upload(stream=stream, **target)

    return {
        "version": lambda: version("bdd-file-client"),
        "upload": upload,
        "download": lambda file_id, path: client.download(file_id=int(file_id), path=path),
        "get_download_url": lambda file_id, **options: client.get_download_url(file_id=int(file_id), **options),
        "delete": lambda file_id: client.delete(file_id=int(file_id)),
        "list_chat_files": lambda chat_id: client.list_chat_files(chat_id=chat_id),
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


def answer(calls: dict[str, Call], line: str) -> dict[str, Any]:
    request = json.loads(line)
    try:
        return {"result": calls[request["call"]](**request["args"])}
    except Exception as error:  # whatever the published client lets out is what its users see
        return {"error": {"type": type(error).__name__, "message": str(error)}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="base URL of the service, on this machine")
    parser.add_argument("--user-id", required=True)
    options = parser.parse_args()

    # Every address the client knows leads to the given service: nothing can reach the company's network.
    for profile in bdd_file.BDD_FILE_PROFILES:
        bdd_file.BDD_FILE_PROFILES[profile] = options.url
    calls = calls_of(BddFileClient(default_user_id=options.user_id))

    for line in sys.stdin:
        print(json.dumps(answer(calls, line), default=plain), flush=True)


if __name__ == "__main__":
    main()
