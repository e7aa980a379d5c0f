// What VS Code asks for at the cursor, on its way to the server: kept back during a snooze, and told apart by who asks.
//
// VS Code asks no second time at a place of the same text, unless the first time was by itself and the second is by hand; and
// the server answers several suggestions only where it is asked by hand again, so that nobody waits for the others. The two
// commands here see to it that asking by hand always reaches the server, and that asking again shows another.
import { commands, InlineCompletionTriggerKind, window, workspace, type Position, type TextDocument } from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';

type Provide = NonNullable<Middleware['provideInlineCompletionItems']>;

const trigger = 'editor.action.inlineSuggest.trigger';

interface Asked {
  document: TextDocument;
  version: number;
  position: Position;
  /** Whether VS Code knows that it was by hand, though nothing had been shown that the server could offer others for. */
  isLast: boolean;
}

export class InlineRequests {
  private isByHand = false;
  private isLast = false;
  private last: Asked | null = null;

  constructor(private readonly isSnoozed: () => boolean) {}

  /** The middleware of the language client. */
  provide(...[document, position, context, token, next]: Parameters<Provide>): ReturnType<Provide> {
    this.last = { document, version: document.version, position, isLast: this.isLast };
    const triggerKind = this.isByHand ? InlineCompletionTriggerKind.Invoke : context.triggerKind;
    if (this.isSnoozed() && triggerKind === InlineCompletionTriggerKind.Automatic) return null;
    return next(document, position, { ...context, triggerKind }, token);
  }

  /** Asks for a suggestion at the cursor. Where VS Code has not asked yet it is told that it does so by itself. */
  async complete(): Promise<void> {
    const asksByItself = workspace
      .getConfiguration('editor', window.activeTextEditor?.document)
      .get<boolean>('inlineSuggest.enabled', true);
    this.isLast = !asksByItself || this.askedHere() !== null;
    await this.byHand(trigger, { explicit: this.isLast });
    this.isLast = false;
  }

  /** Shows another suggestion in the place of the one that is shown. */
  async another(): Promise<void> {
    if (this.askedHere()?.isLast === true) {
      await commands.executeCommand('editor.action.inlineSuggest.hide');
      await this.byHand(trigger);
    }
    await this.byHand('editor.action.inlineSuggest.showNext');
  }

  /** The last request, if it was for the cursor and the text as they are. */
  private askedHere(): Asked | null {
    const editor = window.activeTextEditor;
    const { last } = this;
    return last !== null &&
      last.document === editor?.document &&
      last.version === editor.document.version &&
      last.position.isEqual(editor.selection.active)
      ? last
      : null;
  }

  private async byHand(command: string, ...values: unknown[]): Promise<void> {
    this.isByHand = true;
    try {
      await commands.executeCommand(command, ...values);
    } finally {
      this.isByHand = false;
    }
  }
}
