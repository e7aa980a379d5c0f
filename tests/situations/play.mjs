// Asks a real server for the suggestion in each situation, as an editor does while somebody types. Knows no judge.
import { Server } from '../clients/server.js';

/**
 * What would stand in each document with the suggestion accepted.
 * @param {object[]} situations
 * @param {object} settings beside those that make the same build suggest the same on any machine
 * @param {string[]} model arguments that choose the model
 * @returns {Promise<{ situation: object, inserted: string, replaced: number }[]>}
 */
export async function play(situations, settings = {}, model = undefined) {
  const server = new Server(model ? { model } : {});
  try {
    await server.start({
      capabilities: { textDocument: { inlineCompletion: {} } },
      // Nothing is decoded ahead, cut off by the clock, or learned.
      options: { debounce: 'fixed', debounceMs: 0, latencyBudgetMs: 0, prefetch: false, metrics: false, ...settings },
    });
    const played = [];
    for (const situation of situations) played.push(await playOne(server, situation));
    await server.stop();
    return played;
  } finally {
    server.kill();
  }
}

async function playOne(server, situation) {
  const { text, offset } = situation;
  const uri = `file:///w/${situation.file}`;
  const line = text.slice(0, offset).split('\n').length - 1;
  const lineStart = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  await server.open(uri, text, situation.language);
  const item = (await server.inline(uri, line, offset - lineStart, 2))?.items[0];
  await server.notify('textDocument/didClose', { textDocument: { uri } });
  if (!item) return { situation, inserted: '', replaced: 0 };
  const { start, end } = item.range;
  return { situation, inserted: item.insertText.slice(offset - lineStart - start.character), replaced: end.character - (offset - lineStart) };
}
