"""The network served by LitServe; `python resnet_litserve.py PORT MOST_TOGETHER`."""

import sys

import litserve
import torch
from resnet18 import label, make_network, read

MOST = int(sys.argv[2])
WAIT_SECONDS = 0.005


class ResNet(litserve.LitAPI):
    def setup(self, device):
        self.network = make_network()

    def decode_request(self, request):
        return read(request["images"].file.read())

    def batch(self, inputs):
        return torch.stack(inputs)

    @torch.inference_mode()
    def predict(self, pictures):
        return self.network(pictures if MOST > 1 else pictures.unsqueeze(0))

    def unbatch(self, output):
        return list(output)

    def encode_response(self, output):
        return label(output if MOST > 1 else output[0])


if __name__ == "__main__":
    batching = {"max_batch_size": MOST, "batch_timeout": WAIT_SECONDS} if MOST > 1 else {}
    api = ResNet(api_path="/", **batching)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1, fast_queue=True)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="error")
