"""Logistic regression in Spark."""

from pyspark.ml.classification import LogisticRegression
from pyspark.ml.linalg import Vectors
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[2]").getOrCreate()
rows = [(0.0, Vectors.dense([0.0, 1.0])), (1.0, Vectors.dense([1.0, 0.0]))]
model = LogisticRegression(maxIter=3).fit(spark.createDataFrame(rows, ["label", "features"]))
assert model.coefficients[0] > 0
print("version", spark.version)
spark.stop()
