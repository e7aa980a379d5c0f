// Previews a rewritten selection as a diff before anything is changed; buttons and keys accept or discard it.
import {
  commands,
  Selection,
  TabInputTextDiff,
  Uri,
  window,
  workspace,
  type Disposable,
  type Tab,
  type TextDocument,
  type TextDocumentContentProvider,
  type TextEdit,
} from 'vscode';
import { previewTitle } from './previewTitle';

const scheme = 'diffusion-lsp-refill';
const shown = 'diffusionLsp.refillShown';

/** The replacement awaiting a decision. */
interface Proposal {
  document: TextDocument;
  version: number;
  edit: TextEdit;
  preview: Uri;
  text: string;
}

export class RefillPreview implements TextDocumentContentProvider {
  private readonly parts: { dispose(): unknown }[];
  private proposal: Proposal | null = null;
  private hint: Disposable | null = null;
  private number = 0;

  constructor() {
    this.parts = [
      workspace.registerTextDocumentContentProvider(scheme, this),
      window.tabGroups.onDidChangeTabs(({ closed }) => {
        if (this.proposal !== null && closed.some(isPreview) && tabOf(this.proposal.preview) === undefined)
          this.proposal = null;
        this.noteActive();
      }),
      window.tabGroups.onDidChangeTabGroups(() => {
        this.noteActive();
      }),
    ];
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.proposal?.preview.toString() === uri.toString() ? this.proposal.text : '';
  }

  /** Shows a document as an edit would leave it; an earlier preview is discarded. */
  async show(document: TextDocument, edit: TextEdit): Promise<void> {
    await this.close();
    const before = document.getText();
    const [start, end] = [document.offsetAt(edit.range.start), document.offsetAt(edit.range.end)];
    // The number keeps VS Code from showing an older text under the same name; the file's name determines the language.
    const preview = Uri.from({ scheme, path: document.uri.path, query: String(++this.number) });
    const text = before.slice(0, start) + edit.newText + before.slice(end);
    this.proposal = { document, version: document.version, edit, preview, text };
    const title = previewTitle(document.uri.path, before.slice(start, end), edit.newText);
    await commands.executeCommand('vscode.diff', document.uri, preview, title, { preview: true, preserveFocus: false });
  }

  /** Applies the previewed edit. One undo reverts it. */
  async accept(): Promise<void> {
    const proposal = this.proposal;
    if (proposal === null) return;
    const { document, version, edit } = proposal;
    await this.close();
    const editor = await window.showTextDocument(document, { preview: false });
    const applied =
      document.version === version &&
      (await editor.edit(builder => {
        builder.replace(edit.range, edit.newText);
      }));
    if (!applied) {
      void window.showWarningMessage('The file has changed in the meantime, so nothing was refilled. Try again.');
      return;
    }
    const start = document.offsetAt(edit.range.start);
    const end = document.positionAt(start + edit.newText.length);
    editor.selection = new Selection(end, end);
  }

  async discard(): Promise<void> {
    const document = this.proposal?.document;
    await this.close();
    if (document !== undefined) await window.showTextDocument(document, { preview: false });
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
    this.hint?.dispose();
  }

  private async close(): Promise<void> {
    const tab = this.proposal === null ? undefined : tabOf(this.proposal.preview);
    this.proposal = null;
    if (tab !== undefined) await window.tabGroups.close(tab);
  }

  /** Context keys for the buttons and keys, and which keys those are. */
  private noteActive(): void {
    const active = window.tabGroups.activeTabGroup.activeTab;
    const isShown = active !== undefined && isPreview(active);
    void commands.executeCommand('setContext', shown, isShown);
    if (isShown) this.hint ??= window.setStatusBarMessage('Refill: Ctrl+Enter accepts, Escape discards');
    if (isShown) return;
    this.hint?.dispose();
    this.hint = null;
  }
}

function isPreview(tab: Tab): boolean {
  return tab.input instanceof TabInputTextDiff && tab.input.modified.scheme === scheme;
}

function tabOf(preview: Uri): Tab | undefined {
  return window.tabGroups.all
    .flatMap(group => group.tabs)
    .find(tab => tab.input instanceof TabInputTextDiff && tab.input.modified.toString() === preview.toString());
}
