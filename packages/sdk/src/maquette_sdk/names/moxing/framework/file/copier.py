"""Copies the bytes of files: by the kernel, with a few threads, telling how far it is when it takes long."""

from __future__ import annotations

import errno
import logging
import os
import threading
from itertools import islice
from typing import Callable, Iterable, Iterator, List, NamedTuple, Optional

_PATIENCE_SECONDS = 2.0
_BATCH = 8
_PIECE = 1 << 26
_BLOCK = 1 << 20
# More than this and the threads wait for Python's lock and the folder's more than they copy.
_MOST_THREADS = 4
_NOT_BY_THE_KERNEL = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM)


class Copy(NamedTuple):
    """One file to copy."""

    source: str
    target: str


def copy_files(copies: Iterable[Copy], finished: Callable[[List[Copy]], None] = lambda batch: None) -> int:
    """Copies every file and returns how many there were; the first error stops the rest and is raised.

    `copies` may be a generator: it is asked while the first files are copied, and may make a file's folder before
    it names the file. `finished` is told of files that are copied, some at a time, by the thread that copied them.
    """
    work = _Work(iter(copies), finished)
    threads = work.start(max(1, min(_MOST_THREADS, len(os.sched_getaffinity(0)))))
    try:
        for thread in threads:
            while thread.is_alive():
                thread.join(_PATIENCE_SECONDS)
                if thread.is_alive():
                    work.tell("Copying: %d files, %d MB so far")
    finally:
        work.stopped = True
        for thread in threads:
            thread.join()
    if work.error:
        raise work.error
    if work.told:
        work.tell("Copied %d files, %d MB")
    return sum(work.files)


def copy_file(source: str, target: str, told: Callable[[int], bool] = lambda size: True) -> None:
    """Makes `target` a copy of `source`; `told` hears of every piece and says whether to go on."""
    reader = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        writer = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        try:
            copy_bytes(reader, writer, told)
        finally:
            os.close(writer)
    except OSError as error:
        error.filename = error.filename or target
        raise
    finally:
        os.close(reader)


def copy_bytes(reader: int, writer: int, told: Callable[[int], bool] = lambda size: True) -> None:
    """Copies what is left in `reader` to `writer`, inside the kernel where it can."""
    for copy in (_copy_range, _send, _read_and_write):
        done = 0
        try:
            while True:
                size = copy(reader, writer)
                done += size
                if not size or not told(size):
                    return
        except OSError as error:
            if done or error.errno not in _NOT_BY_THE_KERNEL or copy is _read_and_write:
                raise


def _copy_range(reader: int, writer: int) -> int:
    if not hasattr(os, "copy_file_range"):  # Python 3.7
        raise OSError(errno.ENOSYS, "no copy_file_range")
    return os.copy_file_range(reader, writer, _PIECE)


def _send(reader: int, writer: int) -> int:
    return os.sendfile(writer, reader, None, _PIECE)


def _read_and_write(reader: int, writer: int) -> int:
    data = os.read(reader, _BLOCK)
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(writer, rest) :]
    return len(data)


class _Work:
    """Files that several threads take from, and how far they are."""

    def __init__(self, copies: Iterator[Copy], finished: Callable[[List[Copy]], None]) -> None:
        self.stopped = False
        self.told = False
        self.error: Optional[BaseException] = None
        self.files: List[int] = []
        self._pieces: List[int] = []
        self._copies = copies
        self._finished = finished
        self._lock = threading.Lock()

    def start(self, count: int) -> List[threading.Thread]:
        """The threads at work. At the end of a script Python starts none any more, so this one does it all."""
        threads: List[threading.Thread] = []
        try:
            for _ in range(count):
                thread = threading.Thread(target=self._run, name="mox.file")
                thread.start()
                threads.append(thread)
        except RuntimeError:
            if not threads:
                self._run()
        return threads

    def _run(self) -> None:
        try:
            while not self.stopped and self._copy_some():
                continue
        except BaseException as error:  # noqa: BLE001  raised again by the thread that waits
            self.stopped = True
            self.error = self.error or error

    def _copy_some(self) -> bool:
        with self._lock:
            batch = list(islice(self._copies, _BATCH))
        for copy in batch:
            if self.stopped:
                return False
            copy_file(copy.source, copy.target, self._heard)
        self.files.append(len(batch))
        if batch:
            self._finished(batch)
        return bool(batch)

    def _heard(self, size: int) -> bool:
        self._pieces.append(size)
        return not self.stopped

    def tell(self, text: str) -> None:
        """One line of progress, as the log of a job shows it."""
        self.told = True
        logging.info(text, sum(self.files), sum(self._pieces) >> 20)
