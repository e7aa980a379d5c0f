// Refill: the selection is written anew from what stands around it. The server makes the edit.
import { window } from 'vscode';
import { methods } from '../protocol';
import type { Server } from '../server';

export async function refillSelection(server: Server): Promise<void> {
  const editor = window.activeTextEditor;
  if (editor === undefined || editor.selection.isEmpty) {
    void window.showInformationMessage('Select code to rewrite first.');
    return;
  }
  const { start, end } = editor.selection;
  const range = {
    start: { line: start.line, character: start.character },
    end: { line: end.line, character: end.character },
  };
  await server.request('workspace/executeCommand', {
    command: methods.refill,
    arguments: [server.uri(editor.document), range],
  });
}
