"""The service of TensorFlow packages without code that predict from rows of data."""

from __future__ import annotations

from typing import Any

from model_service.tfserving_model_service import TfServingBaseService


class PredictionService(TfServingBaseService):
    """Takes `{"data": {"req_data": [{input key: value, …}, …]}}`, and feeds all rows together.

    Answers `{"data": {"resp_data": [{output key: value, …}, …]}}`, one for each row.
    """

    def _preprocess(self, data: Any) -> Any:
        rows = data["data"]["req_data"]
        return {key: [row[key] for row in rows] for key in self.model.model_inputs}

    def _postprocess(self, data: Any) -> Any:
        count = min((len(values) for values in data.values()), default=0)
        return {"data": {"resp_data": [{key: values[row] for key, values in data.items()} for row in range(count)]}}
