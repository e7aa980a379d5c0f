// VS Code's inline completion requests on their way to the server: suppressed during a snooze, and marked as automatic or explicit.
//
// VS Code makes no second request at the same position of the same text, unless the first request was automatic and the
// second is explicit; and the server returns several suggestions only to a repeated explicit request, so that nobody waits for the
// others. The two commands here ensure that an explicit request always reaches the server, and that a further one shows another suggestion.
import { commands, InlineCompletionTriggerKind, window, workspace, type Position, type TextDocument } from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';

type Provide = NonNullable<Middleware['provideInlineCompletionItems']>;

const trigger = 'editor.action.inlineSuggest.trigger';

interface Asked {
  document: TextDocument;
  version: number;
  position: Position;
  /** Whether VS Code considers the request explicit, although nothing has been shown that the server could offer alternatives for. */
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

  /** Requests a suggestion at the cursor. If VS Code has not requested one yet, it is made to do so as an automatic request. */
  async complete(): Promise<void> {
    const asksByItself = workspace
      .getConfiguration('editor', window.activeTextEditor?.document)
      .get<boolean>('inlineSuggest.enabled', true);
    this.isLast = !asksByItself || this.askedHere() !== null;
    await this.byHand(trigger, { explicit: this.isLast });
    this.isLast = false;
  }

  /** Replaces the suggestion shown with another one. */
  async another(): Promise<void> {
    if (this.askedHere()?.isLast === true) {
      await commands.executeCommand('editor.action.inlineSuggest.hide');
      await this.byHand(trigger);
    }
    await this.byHand('editor.action.inlineSuggest.showNext');
  }

  /** The last request, if it was for the current cursor and text. */
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
