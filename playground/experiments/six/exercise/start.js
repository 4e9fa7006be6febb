const topics = [
  "orders", "stock", "prices", "chat",
  "presence", "alerts", "jobs", "news",
];

for (const topic of topics) {
  const source = new EventSource(`${url}&topics=${topic}`);

  source.addEventListener(topic, (event) => {
    report({ topic, number: Number(event.data) });
  });

  source.addEventListener("done", () => {
    source.close();
  });
}
