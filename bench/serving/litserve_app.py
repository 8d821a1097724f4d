"""The handler of the serving benchmark for LitServe; `python litserve_app.py PORT`."""

import io
import sys

import litserve
import numpy as np
from PIL import Image


class Mean(litserve.LitAPI):
    def setup(self, device):
        pass

    def decode_request(self, request):
        return request["images"].file.read()

    def predict(self, content):
        return float(np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).mean())

    def encode_response(self, output):
        return {"mean": output}


if __name__ == "__main__":
    server = litserve.LitServer(Mean(api_path="/"), accelerator="cpu", workers_per_device=1, fast_queue=True)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="error")
