"""One measurement of the published `bdd-file-client`, for the benchmark.

Takes a task as JSON in its only argument and prints a report as one line of JSON (see tasks.ts). The clock runs around
the client's call only: neither the start of the interpreter nor the imports count.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any, Callable

import bdd_file
from bdd_file import BddFileClient


def call_of(client: BddFileClient, work: dict[str, Any]) -> Callable[[], int]:
    """The client's call for the work, which returns the number of files."""
    verb = work["verb"]
    if verb == "syncToLocal":
        return lambda: done_local(client.sync_chat_files_to_local(chat_id=work["chatId"], local_dir=work["folder"]))
    if verb == "syncToRemote":
        return lambda: done_remote(client.sync_chat_files_to_remote(chat_id=work["chatId"], local_dir=work["folder"]))
    if verb == "upload":
        target = {"biz": "chat", "biz_params": {"chat_id": work["chatId"]}}
        return lambda: bool(client.upload(path=work["path"], mode=work["mode"], **target))
    if verb == "uploadItems":
        return lambda: upload_each(client, work["chatId"], work["folder"])
    if verb == "download":
        return lambda: client.download(file_id=int(work["fileId"]), path=work["path"]) or 1
    if verb == "list":
        return lambda: len(client.list_chat_files(chat_id=work["chatId"]))
    raise ValueError(f"The published client has no means for {verb}")


def done_local(results: dict[int, Any]) -> int:
    for result in results.values():
        if not result.is_success:
            raise RuntimeError(result.error_message)
    return len(results)


def done_remote(results: dict[Path, Any]) -> int:
    for result in results.values():
        if result.status == "failed":
            raise RuntimeError(result.error_message)
    return len(results)


def upload_each(client: BddFileClient, chat_id: str, folder: str) -> int:
    files = sorted(Path(folder).iterdir())
    for file in files:
        client.upload(path=file, biz="chat", biz_params={"chat_id": chat_id})
    return len(files)


def memory_now() -> float:
    """Resident memory in MiB; Linux only, elsewhere the peak so far."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 2**20
    except OSError:
        return memory_peak()


def forget_peak() -> None:
    """Makes Linux forget the peak so far, so that the peak of the work can be read."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def memory_peak() -> float:
    """Peak of the resident memory in MiB; not from `getrusage` on Linux, whose peak is in part of the parent's."""
    try:
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def main() -> None:
    task = json.loads(sys.argv[1])
    # Every address the client knows leads to the given service: nothing can reach the company's network.
    for profile in bdd_file.BDD_FILE_PROFILES:
        bdd_file.BDD_FILE_PROFILES[profile] = task["url"]
    client = BddFileClient(default_user_id=task["userId"])
    if "warmUp" in task:
        call_of(client, task["warmUp"])()
    call = call_of(client, task["work"])
    before = memory_now()
    forget_peak()
    cpu = time.process_time()
    start = time.perf_counter()
    files = int(call())
    seconds = time.perf_counter() - start
    cpu_seconds = time.process_time() - cpu
    memory = {"before": before, "peak": memory_peak(), "samples": [before, memory_now()]}
    report = {"seconds": seconds, "cpuSeconds": cpu_seconds, "files": files, "memory": memory}
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
