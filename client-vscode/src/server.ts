// The extension's connection to the server: finds, starts and restarts it, sends requests and receives notifications.
// Inline completion needs no code here: vscode-languageclient registers it if the server announces it.
import { createInterface } from 'node:readline';
import {
  EventEmitter,
  window,
  workspace,
  type ExtensionContext,
  type LogOutputChannel,
  type TextDocument,
  type WorkspaceEdit,
} from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  TransportKind,
  type LanguageClientOptions,
} from 'vscode-languageclient/node';
import type * as protocol from 'vscode-languageserver-protocol';
import type { Range } from 'vscode-languageserver-protocol';
import type { InlineRequests } from './inlineRequests';
import { parseLogLine } from './logLine';
import { methods, type Status } from './protocol';
import { forgivenEnds, RestartPolicy } from './restartPolicy';
import { locate, type Location } from './serverLocation';
import { section, settings } from './settings';
import { readStatus } from './statusMessage';
import { notRunning } from './statusText';

/** Documents for which completions make sense: files, unsaved files, and files of virtual workspaces. Not logs, diffs or input boxes. */
const documentSelector = ['file', 'untitled', 'vscode-vfs', 'vscode-remote'].map(scheme => ({ scheme }));

/** Settings that are read only when the server starts. */
const startSettings = ['serverPath', 'libtorchPath'].map(name => `${section}.${name}`);

/** The messages that this extension handles. */
export interface Hooks {
  /** Requests at the cursor pass through it. */
  inline: InlineRequests;
  /** Replaces the server's code action, which would edit at once. */
  refill: (uri: string, range: Range) => Promise<void>;
}

export class Server {
  private readonly statusEmitter = new EventEmitter<Status>();
  private readonly policy = new RestartPolicy();
  private readonly waiting = new Set<NodeJS.Timeout>();
  private client: LanguageClient | null = null;
  private current = notRunning;

  readonly onStatus = this.statusEmitter.event;

  constructor(
    private readonly context: ExtensionContext,
    private readonly log: LogOutputChannel,
    private readonly hooks: Hooks,
  ) {
    context.subscriptions.push(
      this.statusEmitter,
      workspace.onDidChangeConfiguration(event => {
        if (startSettings.some(name => event.affectsConfiguration(name))) void this.restart();
        // Null makes the server request what it needs, so that it never sees settings that are not its own.
        else if (event.affectsConfiguration(section)) void this.notifySettings();
      }),
    );
  }

  get status(): Status {
    return this.current;
  }

  /** The server's location, or why there is none. */
  get location(): Location {
    const setting = { name: `${section}.serverPath`, value: settings.serverPath() };
    return locate({ program: 'diffusion-lsp', setting, extensionFolder: this.context.extensionPath });
  }

  /** An explicit start by the user: earlier crashes no longer count. */
  async restart(): Promise<void> {
    this.policy.forget();
    await this.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    for (const timer of this.waiting) clearTimeout(timer);
    this.waiting.clear();
    const client = this.client;
    this.client = null;
    if (client === null) return;
    this.show(notRunning);
    // A server that dies while being asked to stop has stopped.
    await client.dispose().catch((error: unknown) => {
      this.log.debug(String(error));
    });
  }

  /** @throws ResponseError with -32601 if this server does not know the method */
  async request<Result>(method: string, parameters: unknown): Promise<Result> {
    if (this.client?.state !== State.Running) throw notRunningError();
    return this.client.sendRequest<Result>(method, parameters);
  }

  /** The identifier by which the server knows a document. */
  uri(document: TextDocument): string {
    return this.client?.code2ProtocolConverter.asUri(document.uri) ?? document.uri.toString();
  }

  /** @throws Error if the server is not running */
  async workspaceEdit(edit: protocol.WorkspaceEdit): Promise<WorkspaceEdit> {
    if (this.client === null) throw notRunningError();
    return this.client.protocol2CodeConverter.asWorkspaceEdit(edit);
  }

  private async start(): Promise<void> {
    const location = this.location;
    if (!location.found) {
      this.fail(location.problem);
      return;
    }
    this.log.info(`Starting ${location.path} (${location.origin})`);
    this.show({ ...notRunning, state: 'starting', message: null });
    const run = { command: location.path, args: ['lsp'], transport: TransportKind.stdio };
    const client = new QuietClient(section, 'DiffusionLsp', run, this.options());
    this.client = client;
    client.onNotification(methods.status, (message: unknown) => {
      const status = readStatus(message);
      if (status !== null && this.client === client) this.show(status);
    });
    try {
      await client.start();
    } catch (error) {
      this.ended(client, String(error));
    }
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector,
      outputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      stdioOptions: {
        stdout: () => undefined,
        stderr: input => {
          createInterface({ input, crlfDelay: Infinity, terminal: false }).on('line', line => {
            const { level, text } = parseLogLine(line);
            this.log[level](text);
          });
        },
      },
      initializationFailedHandler: () => false,
      middleware: {
        provideInlineCompletionItems: (...request) => this.hooks.inline.provide(...request),
        executeCommand: async (command, values: unknown[], next): Promise<unknown> => {
          const [uri, range] = values;
          if (command !== methods.refill || typeof uri !== 'string') return next(command, values);
          return this.hooks.refill(uri, range as Range);
        },
      },
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          if (this.client !== null) this.ended(this.client, 'it exited unexpectedly');
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
    };
  }

  /** The server has ended without being stopped. A failed start is reported twice: by its end and by its start. */
  private ended(client: LanguageClient, why: string): void {
    if (this.client !== client) return;
    this.client = null;
    const delay = this.policy.next(Date.now());
    this.log.error(`The server has ended: ${why}.${delay === null ? '' : ` It restarts in ${delay} ms.`}`);
    if (delay === null) {
      this.fail(`The DiffusionLsp server crashed ${forgivenEnds + 1} times in three minutes; see the log.`);
      return;
    }
    this.show({ ...notRunning, state: 'starting', message: 'The server crashed and is restarting.' });
    const timer = setTimeout(() => {
      this.waiting.delete(timer);
      void this.start();
    }, delay);
    this.waiting.add(timer);
  }

  private fail(problem: string): void {
    this.log.error(problem);
    this.show({ ...notRunning, state: 'error', message: problem });
  }

  private show(status: Status): void {
    this.current = status;
    this.statusEmitter.fire(status);
  }

  private async notifySettings(): Promise<void> {
    if (this.client?.state === State.Running)
      await this.client.sendNotification('workspace/didChangeConfiguration', { settings: null });
  }
}

/** Errors are shown by the status, once; the library would also show its own message. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

function notRunningError(): Error {
  return new Error('The server is not running. Restart it from the menu in the status bar.');
}

/** The log of this extension and of its server. */
export function createLog(): LogOutputChannel {
  return window.createOutputChannel('DiffusionLsp', { log: true });
}
