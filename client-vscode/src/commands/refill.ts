// Refill: the selection is rewritten given the text around it, and previewed before it is applied.
import { ProgressLocation, Uri, window, workspace } from 'vscode';
import type { Range } from 'vscode-languageserver-protocol';
import { methods, type InfillResult } from '../protocol';
import type { RefillPreview } from '../refillPreview';
import type { Server } from '../server';

export async function refillSelection(server: Server, preview: RefillPreview): Promise<void> {
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
  await refill(server, preview, server.uri(editor.document), range);
}

/** @param uri as the server knows it */
export async function refill(server: Server, preview: RefillPreview, uri: string, range: Range): Promise<void> {
  const answer = await window.withProgress(
    { location: ProgressLocation.Window, title: 'Refilling the selection' },
    () => server.request<InfillResult>(methods.infill, { textDocument: { uri }, range }),
  );
  if (answer.edit === undefined) {
    void window.showInformationMessage(
      answer.message ?? 'The file has changed in the meantime, so nothing was refilled. Try again.',
    );
    return;
  }
  const [entry] = (await server.workspaceEdit(answer.edit)).entries();
  const edit = entry?.[1][0];
  if (edit !== undefined) await preview.show(await workspace.openTextDocument(Uri.parse(uri)), edit);
}
