"""The handler of the serving benchmark for BentoML; `bentoml serve bentoml_app:Mean`."""

import bentoml
import numpy as np
from PIL.Image import Image


@bentoml.service(workers=1, traffic={"timeout": 60}, logging={"access": {"enabled": False}}, metrics={"enabled": False})
class Mean:
    @bentoml.api(route="/")
    def predict(self, images: Image) -> dict:
        return {"mean": float(np.asarray(images.convert("RGB")).mean())}
