// Which answers a client may expect to the bytes that it sent, by the rules of JSON-RPC, and whether it got them.

const revealing = /\bSystem\.|StreamJsonRpc|Newtonsoft|DiffusionLsp\.[A-Z]|Exception|^\s+at |\.cs:/m;

export class Expectations {
  constructor() {
    this.known = new Map(); // by id: how often it must and may be answered, and was
  }

  /** @param message of mutations.mjs */
  expect({ body, isFramed }) {
    const value = parsed(body);
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !['number', 'string'].includes(typeof value.id)) return;
    // With a method it is a request, whatever else it contains. Without one it may be meant as a response.
    if ('method' in value) this.add(value.id, isFramed ? 1 : 0, 1);
    else if (!('result' in value || 'error' in value)) this.add(value.id, 0, 1);
  }

  /** A valid request. */
  expectOne(id) {
    this.add(id, 1, 1);
  }

  add(id, least, most) {
    const entry = this.known.get(keyOf(id)) ?? { least: 0, most: 0, got: 0 };
    this.known.set(keyOf(id), Object.assign(entry, { least: entry.least + least, most: entry.most + most }));
  }

  /** Records an answer from the server. Returns what is wrong with it; null: nothing. */
  take(message) {
    if (('result' in message) === ('error' in message)) return `an answer is neither result nor error: ${JSON.stringify(message)}`;
    if (message.id !== null) {
      const entry = this.known.get(keyOf(message.id));
      if (!entry) return `an answer to the id ${keyOf(message.id).slice(0, 100)}, which no request had`;
      if (++entry.got > entry.most) return `${entry.got} answers to the id ${keyOf(message.id).slice(0, 100)} instead of ${entry.most}`;
    }
    if (!message.error) return null;
    const { code, message: sentence, data } = message.error;
    if (!Number.isInteger(code) || typeof sentence !== 'string') return `an error is none: ${JSON.stringify(message)}`;
    if (data !== undefined || revealing.test(sentence)) return `an error tells of the program: ${JSON.stringify(message.error)}`;
    return null;
  }

  /** Ids that must still be answered. */
  get unmet() {
    return [...this.known].filter(([, { least, got }]) => got < least).map(([key]) => key);
  }
}

/** An id that comes back: a number is equal in every notation. */
const keyOf = (id) => typeof id === 'number' ? `${id}` : JSON.stringify(id);

/** Undefined: not JSON. Invalid UTF-8 is replaced, as the server does. */
function parsed(body) {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
