"""How HTTP reaches buckets beside the object store's own dialect."""

from __future__ import annotations

from fastapi import APIRouter

routers: list[APIRouter] = []
