"""Orders warehouse load, every night."""
import datetime
import os

import duckdb
import modal

secrets = [modal.Secret.from_name("warehouse")]
etl_image = modal.Image.debian_slim().pip_install("pandas", "duckdb", "sqlalchemy", "psycopg2-binary", "scikit-learn")
app = modal.App("orders-etl")


@app.function(image=etl_image, secrets=secrets, schedule=modal.Cron("15 2 * * *"), memory=32_768, cpu=8.0, timeout=7200, region="eu-west-1", nonpreemptible=True)
def load_orders():
    import pandas as pd
    import sqlalchemy as sa

    engine = sa.create_engine(os.environ["DSN"])
    orders = pd.read_sql("SELECT * FROM orders", engine)
    daily = orders.groupby("day").sum()
    daily.to_sql("daily", engine, if_exists="replace")


@app.function(image=etl_image, secrets=secrets, memory=32_768, timeout=7200)
def load_events(day: str):
    import json

    import sqlalchemy as sa

    engine = sa.create_engine(os.environ["DSN"])
    with open(f"/mnt/raw/events-{day}.json") as fp:
        events = json.load(fp)
    with engine.begin() as conn:
        for event in events:
            conn.execute(sa.text("insert into events values (:id, :t)"), event)


@app.function(image=etl_image, memory=2048, timeout=7200)
def ok_parquet(day: str) -> int:
    return duckdb.sql(f"select count(*) from '/mnt/raw/{day}.parquet'").fetchone()[0]


@app.function(image=etl_image, memory=24576)
def send_digest(to: str):
    import smtplib
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["To"] = to
    mail.set_content(f"loaded {datetime.date.today()}")
    with smtplib.SMTP("smtp.example.com") as smtp:
        smtp.send_message(mail)
