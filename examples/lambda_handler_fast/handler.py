"""Quotes the delivery of a parcel: an AWS Lambda handler."""
import json
import os

ASSETS = os.environ.get("ASSETS") or os.path.join(os.path.dirname(__file__), "..", "assets")

with open(os.path.join(ASSETS, "zones.json"), encoding="ascii") as file:
    ZONES = json.load(file)  # once a container


def handler(event, context):
    zone = ZONES.get(event["postcode"])
    if zone is None:
        return {"statusCode": 404, "body": json.dumps({"error": "no such postcode"})}
    cents = zone["cents"] + 45 * max(0, event["kilograms"] - 1)
    return {"statusCode": 200, "body": json.dumps({"cents": cents, "days": zone["days"]})}
