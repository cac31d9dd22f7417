"""`python -m MODULE`, forked from a process that has imported the libraries already: to a test the same, ten seconds sooner.

For each module of `LIBRARIES` one server is started when it is first asked for, shared by all workers of a run; it imports,
runs nothing of what it imported (threads and fork do not mix), and forks a process for each request.

Other than in a process of its own: what is imported is imported already, and the seed of the hashes and the settings that
a library reads from the environment on import are the server's. What depends on these runs in a real one (`real_cli`).
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]
_EVERYWHERE = (
    "numpy",
    "pydantic",
    "safetensors.torch",
    "sentencepiece",
    "tokenizers",
    "torch",
    "transformers",
)
#: What the processes of a module are forked with: third parties' alone, ours is imported anew each time.
LIBRARIES = {
    "pocketrag.cli": (
        *_EVERYWHERE, "accelerate", "ai_edge_litert.interpreter", "ai_edge_quantizer.quantizer", "apsw", "datasets", "ir_measures",
        "peft", "rich.console", "rich.table", "scipy.stats", "sentence_transformers", "snowballstemmer", "sqlite_vec", "wordfreq",
    ),
    "pocketrag.export.model.lower": (*_EVERYWHERE, "litert_torch"),
    "dvc": (
        "diskcache", "dulwich.repo", "dvc.cachemgr", "dvc.cli.parser", "dvc.data_cloud", "dvc.dvcfile", "dvc.repo", "dvc.scm",
        "dvc.stage.loader", "dvc_data.hashfile.transfer", "dvc_data.index", "dvc_objects.fs.local", "sqltrie",
    ),
}  # fmt: skip
#: Of `subprocess.run`, as far as they ask for what a forked process has: text, and nothing on standard input.
OPTIONS = {"cwd", "env", "stdin", "stdout", "capture_output", "text", "encoding", "errors", "check"}
#: Where a run's servers listen; the workers of xdist inherit it.
FOLDER = "POCKETRAG_TEST_SERVERS"
#: One message holds an environment and a command line.
MESSAGE = 1 << 20


def run(module: str, arguments: Sequence[str], *, cwd: Path | str | None = None, env: Mapping[str, str] | None = None,
        stderr: bool = True, timeout: float = 600) -> subprocess.CompletedProcess:  # fmt: skip
    """Run a module as `subprocess.run` would with its output captured, `stderr` only if asked for."""
    request = json.dumps(
        [module, list(arguments), str(cwd or Path.cwd()), dict(os.environ if env is None else env)]
    )
    with contextlib.ExitStack() as stack:
        given = stack.enter_context(Path(os.devnull).open())
        files = [
            stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(1 + stderr)
        ]
        connection = stack.enter_context(_connect(module))
        fds = [given.fileno(), *(file.fileno() for file in files), *(() if stderr else (2,))]
        socket.send_fds(connection, [request.encode()], fds)
        code = _wait(connection, timeout, module)
        for file in files:
            file.seek(0)
        return subprocess.CompletedProcess([module, *arguments], code, *(file.read() for file in files))


def _wait(connection: socket.socket, timeout: float, module: str) -> int:
    try:
        pid = connection.recv(MESSAGE)
        connection.settimeout(timeout)
        code = connection.recv(MESSAGE)
    except TimeoutError:
        os.kill(int(pid), signal.SIGKILL)
        raise subprocess.TimeoutExpired(module, timeout) from None
    assert pid and code, f"the server of {module} was killed; it said:\n{_log(module).read_text()[-2000:]}"
    return int(code)


def open_folder() -> None:
    """Begin a run; `close_folder` ends it and its servers."""
    os.environ[FOLDER] = tempfile.mkdtemp(suffix=f"-{os.getpid()}")


def close_folder() -> None:
    """End what `open_folder` began."""
    shutil.rmtree(os.environ.pop(FOLDER))


def _connect(module: str) -> socket.socket:
    """Return a connection to the module's server; it is started if nobody has, and again if it was killed."""
    address = Path(os.environ[FOLDER], module)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with FileLock(f"{address}.lock"):
        try:
            connection.connect(str(address))
        except (FileNotFoundError, ConnectionRefusedError):
            address.unlink(missing_ok=True)
            _start(module, address)
            connection.connect(str(address))
    return connection


def _start(module: str, address: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener, _log(module).open("a") as log:
        listener.bind(str(address))
        listener.listen(100)
        command = [sys.executable, "-m", "tests.processes", module]
        subprocess.Popen(command, cwd=ROOT, stdin=listener, stdout=log, stderr=log)


def _log(module: str) -> Path:
    return Path(os.environ[FOLDER], f"{module}.log")


def serve(module: str) -> None:
    """Fork a process for each request on standard input, until the run is over: its folder gone, or its first process dead."""
    for name in LIBRARIES[module]:
        importlib.import_module(name)
    gc.freeze()  # a collection in a child would copy every page
    with socket.socket(fileno=os.dup(0)) as listener:
        listener.settimeout(1)
        while (
            Path(os.environ[FOLDER]).exists()
            and Path("/proc", Path(os.environ[FOLDER]).name.split("-")[-1]).exists()
        ):
            with contextlib.suppress(TimeoutError):
                connection, _ = listener.accept()
                if not os.fork():
                    listener.close()
                    return _answer(connection)
                connection.close()
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def _answer(connection: socket.socket) -> None:
    """Say the new process's id, and how it ended."""
    request, fds, *_ = socket.recv_fds(connection, MESSAGE, 3)
    pid = os.fork()
    if not pid:
        connection.close()
        return _become(fds, *json.loads(request))
    for fd in fds:
        os.close(fd)
    connection.send(str(pid).encode())
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with contextlib.suppress(BrokenPipeError):  # a test that waits no longer
        connection.send(str(code).encode())
    os._exit(0)


def _become(fds: Sequence[int], module: str, arguments: list[str], cwd: str, env: dict[str, str]) -> None:
    """Be `python -m MODULE ARGUMENTS`."""
    for target, fd in enumerate(fds):
        os.dup2(fd, target)
        os.close(fd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(cwd)
    importlib.import_module("numpy").random.seed()
    sys.argv[1:], sys.path[0] = arguments, cwd
    divert()
    code: object = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    # All that Python does as it ends, apart from taking its modules down: that would copy every page that is shared.
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code if isinstance(code, int) else 1)


def divert() -> None:
    """Fork from now on what this Python starts by `subprocess.run` with its output captured: the converter, and DVC."""
    real = subprocess.run

    def run_or_fork(command, **options):
        match command:
            case [sys.executable, "-m", "dvc" | "pocketrag.export.model.lower" as module, *arguments] if (
                not options.keys() - OPTIONS
            ):
                stderr = options.get("capture_output", False)
                done = run(module, arguments, cwd=options.get("cwd"), env=options.get("env"), stderr=stderr)
                if options.get("check"):
                    done.check_returncode()
                return done
        return real(command, **options)

    subprocess.run = run_or_fork


if __name__ == "__main__":
    serve(sys.argv[1])
