// The console as somebody uses it.

/** Opens it as the link does that the server prints, and waits until it is connected. */
export async function signIn(page, port, token) {
  await page.goto(`http://localhost:${port}/console/#token=${token}`);
  await isConnected(page);
}

export async function isConnected(page) {
  await state(page, "connected").waitFor({ timeout: 60_000 }); // also behind a wait between two attempts
}

/** Waits for a state of the connection: its element, when it shows. */
export function state(page, name) {
  return page.locator(`#state[data-state="${name}"]`);
}

export async function subscribe(page, channel) {
  await page.fill("#subscribe-channel", channel);
  await page.press("#subscribe-channel", "Enter");
  await page.locator("#subscriptions li", { hasText: channel }).locator('[data-state="subscribed"]').waitFor();
}

/** Publishes, and waits until the page says that it is done. */
export async function publish(page, channel, data) {
  await page.fill("#publish-channel", channel);
  await page.fill("#publish-data", JSON.stringify(data));
  await page.press("#publish-data", "Control+Enter");
  await page.locator("#publish-said", { hasText: `Published to ${channel}` }).waitFor();
}

/** The row of the stream that has this text. */
export function row(page, text) {
  return page.locator("#stream-box tbody tr", { hasText: text });
}

export async function view(page, name) {
  await page.click(`nav a[href="#${name}"]`);
  await page.locator(`#${name}`).waitFor();
}

/** The id of the page's own connection, as it says itself. */
export async function connectionOf(page) {
  await view(page, "server");
  const term = page.locator("#server dt", { hasText: /^Connection$/ });
  return term.locator("xpath=following-sibling::dd[1]").innerText();
}
