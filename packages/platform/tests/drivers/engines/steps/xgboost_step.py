"""XGBoost, scikit-learn and LightGBM on irises."""

import lightgbm
import pandas
import sklearn
import xgboost
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

rows, labels = load_iris(return_X_y=True)
assert RandomForestClassifier(n_estimators=10, random_state=0).fit(rows, labels).score(rows, labels) > 0.9
booster = xgboost.train({"objective": "multi:softmax", "num_class": 3}, xgboost.DMatrix(rows, labels), 5)
assert (booster.predict(xgboost.DMatrix(rows)) == labels).mean() > 0.9
booster.save_model("model.m")
assert lightgbm.LGBMClassifier(n_estimators=5).fit(rows, labels).score(rows, labels) > 0.9
print("carried", pandas.__version__, "sklearn", sklearn.__version__, "lightgbm", lightgbm.__version__)
print("version", xgboost.__version__)
