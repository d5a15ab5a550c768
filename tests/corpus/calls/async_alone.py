import modal

app = modal.App("async-alone")


@app.function()
async def weather(city: str):
    import httpx

    async with httpx.AsyncClient() as client:
        answer = await client.get("https://example.com/weather", params={"city": city})
    return answer.json()


@app.cls()
class Chat:
    @modal.enter()
    def connect(self):
        import openai

        self.client = openai.AsyncOpenAI()

    @modal.method()
    async def ask(self, question: str):
        answer = await self.client.chat.completions.create(model="x", messages=[{"role": "user", "content": question}])
        return answer.choices[0].message.content


@app.function()
@modal.concurrent(max_inputs=50)
async def together(city: str):
    import httpx

    async with httpx.AsyncClient() as client:
        return (await client.get("https://example.com/weather", params={"city": city})).json()


@app.function()
async def counts(text: str):
    return len(text.split())


@app.function(schedule=modal.Period(hours=1))
async def hourly():
    import httpx

    async with httpx.AsyncClient() as client:
        return (await client.get("https://example.com/ping")).status_code
