/** One channel, for as long as the application wants it. See index.d.ts. */
export class Subscription {
  #channel;
  #client;

  constructor(channel, client) {
    this.#channel = channel;
    this.#client = client;
  }

  get channel() {
    return this.#channel.name;
  }

  get state() {
    return this.#channel.state;
  }

  get position() {
    return this.#channel.position && { ...this.#channel.position };
  }

  get ready() {
    return this.#channel.ready;
  }

  on(event, listener) {
    return this.#channel.events.on(event, listener);
  }

  off(event, listener) {
    this.#channel.events.off(event, listener);
  }

  publish(data, options) {
    return this.#client.publish(this.channel, data, options);
  }

  history(options) {
    return this.#client.history(this.channel, options);
  }

  presence() {
    return this.#client.presence(this.channel);
  }

  unsubscribe() {
    this.#channel.end();
  }
}
