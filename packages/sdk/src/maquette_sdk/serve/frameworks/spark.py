"""A Spark session of this machine."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any


def session() -> Any:
    """The process's SparkSession on all its cores. Raises ImportError where pyspark or Java is missing."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ImportError(
            "SparkServingBaseService needs pyspark ({}). Add it to the dependencies of config.json.".format(error)
        ) from error
    if not os.environ.get("JAVA_HOME") and not shutil.which("java"):
        raise ImportError("SparkServingBaseService needs Java, and neither JAVA_HOME nor a `java` on PATH names one.")
    # Spark's workers are processes of their own, and must be of the same Python.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return SparkSession.builder.master("local[*]").appName("serve").getOrCreate()
