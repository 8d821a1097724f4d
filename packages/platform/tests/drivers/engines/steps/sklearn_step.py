"""As xgboost_step, told by scikit-learn's version."""

import sklearn
import xgboost
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

rows, labels = load_iris(return_X_y=True)
assert LogisticRegression(C=1e5, max_iter=2000).fit(rows, labels).score(rows, labels) > 0.9
print("beside it", xgboost.__version__)
print("version", sklearn.__version__)
