const topics = [
  "orders", "stock", "prices", "chat",
  "presence", "alerts", "jobs", "news",
];

const source = new EventSource(`${url}&topics=${topics}`);

for (const topic of topics) {
  source.addEventListener(topic, (event) => {
    report({ topic, number: Number(event.data) });
  });
}

source.addEventListener("done", () => {
  source.close();
});
