"""`mox.file.File`: an object or a local file, opened as `open` opens one."""

from __future__ import annotations

import atexit
import io
import logging
import os
import time
import weakref
from typing import Any, Iterable, Iterator, List, Optional

from .buckets import Bucket, bucket, discard
from .copier import copy_file
from .errors import is_a_directory, no_object
from .paths import Remote, remote

_MODES = ("r", "w", "a", "x")
# flush() shows others what was written so far. Whole files travel, so a large one does not at every flush.
_SMALL = 1 << 20
_REST_SECONDS = 10.0

_open = io.open  # the real one, also after `shift`
_unclosed: weakref.WeakSet[File] = weakref.WeakSet()


class File:
    """A file of a bucket or of this machine, with the methods of Python's file objects.

    `name` is a local path or `obs://bucket/key` (`s3://` is the same), `mode` one of r w a r+ w+ a+, with a `b`
    anywhere for bytes. What is written to an object is seen by others when the file is closed (also when a
    `with` block ends by an exception, as with a local file), and at `flush()`.

    Raises MoxFileNotExistsException (a FileNotFoundError) for a missing object or bucket.

        with mox.file.File("obs://pets/notes.txt", "w") as f:
            f.write("two cats")
    """

    _stream: Any = None
    _draft: Optional[Draft] = None

    def __new__(cls, name: Any = None, mode: str = "r", *args: Any, **options: Any) -> Any:
        if cls is File:
            cls = BinaryFile if "b" in mode else TextFile
        return object.__new__(cls)

    def __init__(
        self,
        name: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: Optional[str] = None,
        errors: Optional[str] = None,
        newline: Optional[str] = None,
        **options: Any,
    ) -> None:
        self.name = name
        self.mode = mode
        place = remote(name)
        if place is None:
            self._stream = _open(name, _as_python_writes(mode), buffering, encoding, errors, newline, **options)
            return
        kind = _kind(mode)
        raw = self._open_object(place, kind, "+" in mode)
        self._stream = raw if "b" in mode else io.TextIOWrapper(raw, encoding or "utf-8", errors, newline)
        if kind in "wax" or "+" in mode:
            _unclosed.add(self)

    def _open_object(self, place: Remote, kind: str, both: bool) -> Any:
        home = bucket(place.bucket)
        if place.slash:
            raise is_a_directory(place.url)
        path = home.find(place.key)
        if kind == "x" and path is not None:
            raise FileExistsError("{} exists already.".format(place.url))
        if kind == "r" and path is None:
            directory = home.has_directory(place.key)
            raise is_a_directory(place.url) if directory else no_object(place.bucket, place.key)
        if kind == "r" and not both:
            return _open(path, "rb")  # type: ignore[arg-type]  # found above
        self._draft = Draft(home, place.key, None if kind in "wx" else path, kind)
        return io.BufferedRandom(self._draft) if both else io.BufferedWriter(self._draft)

    # ── reading and writing ──────────────────────────────────────────────────────────────────────

    def read(self, n: Optional[int] = -1) -> Any:
        return self._stream.read(-1 if n is None else n)

    def readline(self, size: int = -1) -> Any:
        return self._stream.readline(size)

    def readlines(self, sizeint: int = -1) -> List[Any]:
        lines: List[Any] = self._stream.readlines(sizeint)
        return lines

    def write(self, data: Any) -> int:
        if self._draft:
            self._draft.need_writable()
        return int(self._stream.write(data))

    def writelines(self, sequence: Iterable[Any]) -> None:
        if self._draft:
            self._draft.need_writable()
        self._stream.writelines(sequence)

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._stream.seek(offset, whence))

    def tell(self) -> int:
        return int(self._stream.tell())

    def size(self, *args: Any, **options: Any) -> int:
        """How many bytes the file has, with what was written to it here."""
        if self.writable():
            self._stream.flush()
        if self._draft:
            return self._draft.size()
        return os.fstat(self._stream.fileno()).st_size

    def fileno(self) -> int:
        """The number of the file itself; what a library writes to it directly is kept too."""
        if self._draft:
            self._draft.hand_out()
        return int(self._stream.fileno())

    def flush(self) -> None:
        """Shows others what was written so far: at once up to 1 MB, larger files at most every ten seconds."""
        self._stream.flush()
        if self._draft:
            self._draft.show()

    def close(self) -> None:
        """Ends the file; an object that was written appears whole now. Closing twice is no error."""
        _unclosed.discard(self)
        stream, draft = self._stream, self._draft
        self._draft = None
        if stream is None:
            return
        try:
            stream.close()
        except BaseException:
            if draft:
                draft.forget()
            raise
        if draft:
            draft.commit()

    # ── what it is ───────────────────────────────────────────────────────────────────────────────

    @property
    def closed(self) -> bool:
        return bool(self._stream is None or self._stream.closed)

    def readable(self) -> bool:
        return bool(self._stream.readable())

    def writable(self) -> bool:
        return bool(self._stream.writable())

    def seekable(self) -> bool:
        return bool(self._stream.seekable())

    def isatty(self) -> bool:
        return bool(self._stream.isatty())

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self._stream)

    next = __next__

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *problem: Any) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._stream, name)

    def __repr__(self) -> str:
        return "<mox.file.File {!r} mode={!r}>".format(self.name, self.mode)


class TextFile(File):
    """A File of text."""


class BinaryFile(File):
    """A File of bytes."""


# Libraries ask what a file object is before they use it; these have all the methods.
io.TextIOBase.register(TextFile)
io.BufferedIOBase.register(BinaryFile)


class Draft(io.RawIOBase):
    """The bytes of an object being changed: the object's own file until the first write, then a staged copy."""

    _file: Any = None

    def __init__(self, home: Bucket, key: str, path: Optional[str], kind: str) -> None:
        super().__init__()
        self._home = home
        self._key = key
        self._path = path
        self._at_end = kind == "a"
        self._staged: Optional[str] = None
        self._news = False
        self._handed_out = False
        self._shown_at = float("-inf")
        self._process = os.getpid()
        if path is None:
            self.need_writable()
            self._staged = home.stage()[0]
            self._news = True
        self._file = io.FileIO(path or self._staged or "", "rb" if path else "w+b")
        if self._at_end:
            self._file.seek(0, os.SEEK_END)

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Optional[int]:
        size: Optional[int] = self._file.readinto(buffer)
        return size

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def fileno(self) -> int:
        return int(self._file.fileno())

    def write(self, data: Any) -> int:
        self._begin_to_change()
        if self._at_end:
            self._file.seek(0, os.SEEK_END)
        return int(self._file.write(data) or 0)

    def truncate(self, size: Optional[int] = None) -> int:
        self._begin_to_change()
        return int(self._file.truncate(size))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()

    def size(self) -> int:
        return os.fstat(self._file.fileno()).st_size

    def hand_out(self) -> None:
        """From now on somebody else may write to the file without a word."""
        self._handed_out = True
        if self._home.writable:
            self._stage()

    def need_writable(self) -> None:
        self._home.need_writable(self._key)

    def show(self) -> None:
        """Makes the object what the draft is now; the draft goes on."""
        if self._staged is None or not (self._news or self._handed_out) or self._process != os.getpid():
            return
        if self.size() > _SMALL and time.monotonic() - self._shown_at < _REST_SECONDS:
            return
        shown = self._home.stage()[0]
        copy_file(self._staged, shown)
        self._home.commit([(shown, self._key)])
        self._shown_at = time.monotonic()
        self._news = False

    def commit(self) -> None:
        """Makes the object what was written. A forked child's copy of the file is not its to commit."""
        if self._staged is None or self._process != os.getpid():
            return
        if self._news or self._handed_out:
            self._home.commit([(self._staged, self._key)])
        else:
            discard([self._staged])

    def forget(self) -> None:
        if self._staged is not None and self._process == os.getpid():
            discard([self._staged])

    def _begin_to_change(self) -> None:
        self._news = True
        self.need_writable()
        self._stage()

    def _stage(self) -> None:
        if self._staged is not None:
            return
        position = self._file.tell()
        staged = self._home.stage()[0]
        try:
            copy_file(self._path or "", staged)
        except BaseException:
            discard([staged])
            raise
        self._file.close()
        self._file = io.FileIO(staged, "r+b")
        self._file.seek(position)
        self._staged = staged


def _kind(mode: str) -> str:
    """The one letter of r w a x in a mode; the others may stand anywhere."""
    letters = [letter for letter in mode if letter in _MODES]
    if len(letters) != 1 or set(mode) - set("rwaxbt+"):
        raise ValueError("'{}' is no mode. Use one of r w a r+ w+ a+, with a b for bytes.".format(mode))
    return letters[0]


def _as_python_writes(mode: str) -> str:
    """`br+` is `r+b` to Python."""
    return _kind(mode) + "".join(sorted(set(mode) - set(_MODES)))


def _close_all() -> None:
    """What a script left open is kept all the same."""
    for file in list(_unclosed):
        try:
            file.close()
        except OSError as error:
            logging.error("%s was not written: %s", file.name, error)


atexit.register(_close_all)
