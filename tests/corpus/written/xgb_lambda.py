"""Scores loans behind an API gateway."""
import base64
import json
import logging
import os
import pickle
from decimal import Decimal

import matplotlib.pyplot as plt
import numpy as np
import xgboost as xgb

logger = logging.getLogger()
logger.setLevel(logging.INFO)
COLUMNS = ("amount", "term", "rate", "income")


def _load_booster() -> xgb.Booster:
    booster = xgb.Booster()
    booster.load_model(os.path.join(os.environ["LAMBDA_TASK_ROOT"], "loan.ubj"))
    return booster


def lambda_handler(event, context):
    payload = event["body"]
    if event.get("isBase64Encoded"):
        payload = base64.b64decode(payload)
    row = json.loads(payload, parse_float=Decimal)
    booster = _load_booster()
    x = np.array([[float(row[c]) for c in COLUMNS]])
    score = booster.predict(xgb.DMatrix(x, feature_names=list(COLUMNS)))
    logger.info("scored %s", score)
    return {"statusCode": 200, "body": json.dumps({"score": float(score[0])})}
