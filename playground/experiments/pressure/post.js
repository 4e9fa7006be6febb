// Up, in requests: the answer says when to go on.
const body = "x".repeat(65536);

for (let n = 1; n <= 20; n++) {
  const response = await fetch(sendUrl, {
    method: "POST", body,
  });
  if (!response.ok) throw new Error(`${response.status}`);
  log(n, "answered");
}
