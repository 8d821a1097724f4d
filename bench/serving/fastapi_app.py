"""The handler of the serving benchmark as plain FastAPI; `uvicorn fastapi_app:app`."""

import io

import numpy as np
from fastapi import FastAPI, UploadFile
from PIL import Image

app = FastAPI()


@app.post("/")
async def predict(images: UploadFile) -> dict:
    image = Image.open(io.BytesIO(await images.read())).convert("RGB")
    return {"mean": float(np.asarray(image).mean())}
