// The server's extensions of LSP. Their counterpart is server/DiffusionLsp.Server/Protocol.
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
  /** Cost of the last completion. */
  lastMilliseconds: number | null;
  lastForwards: number | null;
  /** Progress of loading, 0 to 1. */
  progress: number | null;
  /** Why the last request got no suggestion; null: it got one. */
  nothing: Nothing | null;
}

export interface Nothing {
  uri: string;
  /** The reason's name, for example "unsure". */
  reason: string;
  /** One sentence. */
  message: string;
}

/** `$/diffusion/trace`: how the completion at a position is decoded, as a self-contained page. */
export type TraceParams = TextDocumentPositionParams;

export interface TraceResult {
  html: string;
}

/** `$/diffusion/doctor`: the results of the checks on this machine. */
export interface DoctorResult {
  healthy: boolean;
  report: string;
}

/** `$/diffusion/infill`: the model's replacement for a range. */
export interface InfillResult {
  /** Missing: there is no text, or the document has changed in the meantime. */
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
