// Up, in requests: the answer says when to go on.
const body = "x".repeat(65536);

for (let n = 1; n <= 20; n++) {
  await fetch(sendUrl, { method: "POST", body });
  log(n, "answered");
}
