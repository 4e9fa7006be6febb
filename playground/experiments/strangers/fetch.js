// EventSource takes no headers; fetch does. The token
// goes where this code puts it, and nowhere else.
const headers = { Authorization: "Bearer ada" };
const response = await fetch(url, { headers });
if (!response.ok) throw new Error(`${response.status}`);

const reader = response.body
  .pipeThrough(new TextDecoderStream())
  .getReader();
for (;;) {
  const { done, value } = await reader.read();
  if (done) break;
  log(value.trim());
}
