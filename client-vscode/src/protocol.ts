// What this server says beyond LSP. The other side of these shapes is server/DiffusionLsp.Server/Protocol.
import type { TextDocumentPositionParams, WorkspaceEdit } from 'vscode-languageserver-protocol';

export type ServerState = 'starting' | 'loading' | 'ready' | 'busy' | 'off' | 'error';

/** `$/diffusion/status`, server to client: sent on every change. */
export interface Status {
  state: ServerState;
  /** With "error": one sentence with cause and cure. */
  message: string | null;
  model: string | null;
  device: string | null;
  decoder: string | null;
  /** What the last completion cost. */
  lastMilliseconds: number | null;
  lastForwards: number | null;
  /** Of loading, 0 to 1. */
  progress: number | null;
  /** Why the last request was offered nothing; null when it was offered something. */
  nothing: Nothing | null;
}

export interface Nothing {
  uri: string;
  /** A word: "unsure". */
  reason: string;
  /** One sentence. */
  message: string;
}

/** `$/diffusion/trace`: how the completion at a position was decoded, as a page that stands alone. */
export type TraceParams = TextDocumentPositionParams;

export interface TraceResult {
  html: string;
}

/** `$/diffusion/doctor`: what was found on this machine. */
export interface DoctorResult {
  healthy: boolean;
  report: string;
}

/** `$/diffusion/infill`: what the model writes in place of a range. */
export interface InfillResult {
  /** Missing: there is no text, or the document was changed meanwhile. */
  edit?: WorkspaceEdit;
  /** Why there is no text, in one sentence. */
  message?: string;
}

export const methods = {
  status: '$/diffusion/status',
  trace: '$/diffusion/trace',
  doctor: '$/diffusion/doctor',
  infill: '$/diffusion/infill',
  refill: 'diffusion.refill',
} as const;
