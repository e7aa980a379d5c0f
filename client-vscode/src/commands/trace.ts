// Shows how the completion at the cursor is decoded, step by step, as the page that the server renders.
import { ViewColumn, window } from 'vscode';
import { methods, type TraceResult } from '../protocol';
import type { Server } from '../server';

export async function showTrace(server: Server): Promise<void> {
  const editor = window.activeTextEditor;
  if (editor === undefined) {
    void window.showInformationMessage('Open a file and place the cursor first.');
    return;
  }
  const { line, character } = editor.selection.active;
  const parameters = { textDocument: { uri: server.uri(editor.document) }, position: { line, character } };
  const { html } = await server.request<TraceResult>(methods.trace, parameters);
  const panel = window.createWebviewPanel(
    'diffusionLsp.trace',
    'Decoding Trace',
    { viewColumn: ViewColumn.Beside, preserveFocus: true },
    { enableScripts: true, localResourceRoots: [] },
  );
  panel.webview.html = html;
}
