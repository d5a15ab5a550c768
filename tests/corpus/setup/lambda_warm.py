import json
import os

import boto3

table = boto3.resource("dynamodb").Table(os.environ.get("TABLE", "t"))
s3 = boto3.client("s3")


def lambda_handler(event, context):
    body = s3.get_object(Bucket="b", Key=event["key"])["Body"].read()
    table.put_item(Item={"id": event["id"], "size": len(body)})
    return {"statusCode": 200, "body": json.dumps({"size": len(body)})}
