"""What a package's code keeps between its stages: attributes of its object and class, variables of its modules, and
what lies in those.

Many services write down in `_preprocess`, say, how large the picture was, and read it in `_postprocess`. Where other
calls come between the two, each call must find there what it has written itself.
"""

from __future__ import annotations

import collections
import functools
import operator
import os
import sys
import types
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

MISSING = object()
LONGEST = 200
"""Lists and dicts of more entries are not looked into; they are labels and caches."""

CONTAINERS = (dict, list, collections.OrderedDict)
NO_OBJECTS = (type, types.ModuleType, types.FunctionType, types.MethodType, functools.partial)
OURS = ("model_service", "mms", "maquette_sdk", "builtins")


class Change(NamedTuple):
    """One entry of a dict or class, or a whole list, that is not what it was."""

    place: Any
    name: Any
    before: Any

    @property
    def id(self) -> Tuple[int, Any]:
        return id(self.place), self.name


class Kept:
    """Looks at what can be seen of a service's state: `changes` are those since the last look."""

    def __init__(self, service: Any, package: str) -> None:
        self._service = service
        self._package = os.path.join(package, "")
        self._seen: List[Tuple[Any, Any]] = []
        self._classes = [kind for kind in type(service).__mro__ if kind.__module__.split(".")[0] not in OURS]
        self._found: List[Dict[str, Any]] = []
        self._loaded = 0
        self._modules()

    def look(self) -> None:
        """From now on changes are told against what there is."""
        try:
            self._seen = self._copies()
        except RuntimeError:
            self._seen = []  # another thread has changed the size of something meanwhile

    def _copies(self) -> List[Tuple[Any, Any]]:
        own = getattr(self._service, "__dict__", {})
        roots = [own, *self._classes, *self._modules()]
        inner = [one for root in roots for one in list(_content(root).values()) if type(one) in CONTAINERS]
        inner += [found for found in map(_attributes, list(own.values())) if found is not None]
        copies = [(root, dict(_content(root))) for root in roots]
        return copies + [(one, one.copy()) for one in inner if len(one) <= LONGEST]

    def changes(self) -> List[Change]:
        """What is not what it was when somebody looked."""
        found: List[Change] = []
        for place, before in self._seen:
            now = _content(place)
            if _same(now, before):
                continue
            if isinstance(place, list):
                found.append(Change(place, None, before))
                continue
            names = list(before) + [name for name in list(now) if name not in before]
            pairs = [(name, before.get(name, MISSING), now.get(name, MISSING)) for name in names]
            found += [Change(place, name, old) for name, old, new in pairs if new is not old and not _is_pythons(name)]
        return found

    def name_of(self, change: Change) -> str:
        """How its author calls it."""
        own = getattr(self._service, "__dict__", {})
        places = [("self", own)] + [(kind.__name__, kind) for kind in self._classes]
        places += [(str(module.get("__name__")), module) for module in self._modules()]
        for name, place in places:
            if change.place is place:
                return "{}.{}".format(name, change.name)
            for inner, value in list(_content(place).items()):
                if change.place is value or change.place is _attributes(value):
                    return "{}.{}".format(name, inner)
        return str(change.name)

    def _modules(self) -> List[Dict[str, Any]]:
        """The variables of the package's modules; looked for again when something was imported."""
        if self._loaded != len(sys.modules):
            self._loaded = len(sys.modules)
            found = [_dict_of(module) for module in list(sys.modules.values())]
            own = [one for one in found if one and str(one.get("__file__")).startswith(self._package)]
            self._found = list({id(variables): variables for variables in own}.values())
        return self._found


def _content(place: Any) -> Any:
    return vars(place) if isinstance(place, type) else place


def _attributes(value: Any) -> Optional[Dict[str, Any]]:
    """Those of an object that is neither a module nor a class nor a function."""
    return None if isinstance(value, NO_OBJECTS) else _dict_of(value)


def _dict_of(value: Any) -> Optional[Dict[str, Any]]:
    """Its `__dict__` without asking it: there are modules that load themselves when they are asked for anything."""
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return None
    return found if type(found) is dict else None


def _is_pythons(name: Any) -> bool:
    """Such as `__warningregistry__`, which appears in a module with its first warning."""
    return isinstance(name, str) and name.startswith("__")


def _same(place: Any, before: Any) -> bool:
    """Whether it holds the very same things. `==` would ask them, and arrays have no answer."""
    if len(place) != len(before):
        return False
    try:
        if isinstance(place, list):
            return all(map(operator.is_, place, before))
        return all(map(operator.is_, place.values(), before.values())) and all(map(operator.eq, place, before))
    except RuntimeError:
        return False  # another thread has changed its size meanwhile


class Memory:
    """What one call has kept, where it is not what later calls have."""

    def __init__(self) -> None:
        self._own: Dict[Tuple[int, Any], Tuple[Change, Any]] = {}

    def keep(self, change: Change, value: Any) -> None:
        """Of two values that a place has had since the call wrote it, the first is the call's own."""
        self._own.setdefault(change.id, (change, value))

    def keep_present(self, changes: List[Change]) -> None:
        """What is there now, of places that other calls have changed."""
        for change in changes:
            now = list(change.place) if change.name is None else _content(change.place).get(change.name, MISSING)
            self.keep(change, now)

    def put_back(self) -> None:
        """Makes it what the call has kept."""
        for change, value in self._own.values():
            _put(change.place, change.name, value)


def _put(place: Any, name: Optional[Any], value: Any) -> None:
    if isinstance(place, list):
        place[:] = value
    elif isinstance(place, type):
        _put_in_class(place, str(name), value)
    elif value is MISSING:
        place.pop(name, None)
    else:
        place[name] = value


def _put_in_class(kind: type, name: str, value: Any) -> None:
    if value is not MISSING:
        setattr(kind, name, value)
    elif name in vars(kind):
        delattr(kind, name)
