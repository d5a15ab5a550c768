import modal

app = modal.App("orders")


@app.function()
@modal.fastapi_endpoint()
def order(number: int):
    import sqlalchemy

    engine = sqlalchemy.create_engine("postgresql://db/orders")
    with engine.connect() as connection:
        return dict(connection.execute(sqlalchemy.text("select * from orders where id = :n"), {"n": number}).one()._mapping)


@app.function(schedule=modal.Cron("0 3 * * *"))
def nightly():
    import sqlalchemy

    engine = sqlalchemy.create_engine("postgresql://db/orders")
    with engine.connect() as connection:
        return connection.execute(sqlalchemy.text("vacuum")).rowcount
