"""Sentences as lists of numbers."""

from __future__ import annotations

import bisect
from typing import Any, List


def encode_sentences(
    sentences: Any, vocab: Any = None, invalid_label: int = -1, invalid_key: str = "\n", start_label: int = 0
) -> Any:
    """Lists of words as lists of numbers, and the vocabulary used. Without one it is made from the words."""
    numbers = dict(vocab) if vocab is not None else {invalid_key: invalid_label}
    encoded = []
    for sentence in sentences:
        for word in sentence:
            if word in numbers:
                continue
            if vocab is not None:
                raise ValueError("The vocabulary has no word '{}'.".format(word))
            if start_label == invalid_label:
                start_label += 1
            numbers[word] = start_label
            start_label += 1
        encoded.append([numbers[word] for word in sentence])
    return encoded, numbers


def pad_sentence(
    sentence: List[int], buckets: List[int], invalid_label: int = -1, data_name: str = "data", layout: str = "NT"
) -> Any:
    """One encoded sentence as a batch, filled up to the next bucket's length."""
    import mxnet

    place = bisect.bisect_left(buckets, len(sentence))
    if place == len(buckets):
        raise ValueError("A sentence of {} words fits no bucket; the largest is {}.".format(len(sentence), buckets[-1]))
    length = buckets[place]
    row = mxnet.nd.array([sentence + [invalid_label] * (length - len(sentence))])
    array = row if layout == "NT" else row.transpose()
    shape = mxnet.io.DataDesc(data_name, array.shape, layout=layout)
    return mxnet.io.DataBatch([array], pad=0, bucket_key=length, provide_data=[shape])
