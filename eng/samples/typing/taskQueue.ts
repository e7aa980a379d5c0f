import { EventEmitter } from 'node:events';

export type TaskState = 'waiting' | 'running' | 'done' | 'failed';

export interface TaskOptions {
  /** Higher priorities run first. */
  priority?: number;
  /** How often a failed task is tried again. */
  retries?: number;
  /** Milliseconds after which a run counts as failed. */
  timeout?: number;
}

export interface TaskInfo {
  readonly id: number;
  readonly name: string;
  state: TaskState;
  attempts: number;
  error?: Error;
}

interface Entry<T> {
  info: TaskInfo;
  options: Required<TaskOptions>;
  work: (signal: AbortSignal) => Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
}

const defaults: Required<TaskOptions> = { priority: 0, retries: 0, timeout: 30_000 };

/** Runs asynchronous tasks with a limit on how many run at the same time. */
export class TaskQueue extends EventEmitter {
  private readonly waiting: Entry<unknown>[] = [];
  private readonly running = new Map<number, Entry<unknown>>();
  private nextId = 1;
  private paused = false;

  constructor(private readonly limit: number = 4) {
    super();
    if (!Number.isInteger(limit) || limit < 1) {
      throw new RangeError(`The limit must be a positive integer, not ${limit}.`);
    }
  }

  get size(): number {
    return this.waiting.length + this.running.size;
  }

  get isIdle(): boolean {
    return this.size === 0;
  }

  add<T>(name: string, work: (signal: AbortSignal) => Promise<T>, options: TaskOptions = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const info: TaskInfo = { id: this.nextId++, name, state: 'waiting', attempts: 0 };
      const entry: Entry<T> = { info, options: { ...defaults, ...options }, work, resolve, reject };
      this.insert(entry as Entry<unknown>);
      this.emit('added', info);
      this.startNext();
    });
  }

  pause(): void {
    this.paused = true;
    this.emit('paused');
  }

  resume(): void {
    this.paused = false;
    this.emit('resumed');
    this.startNext();
  }

  clear(reason: string = 'The queue was cleared.'): number {
    const dropped = this.waiting.splice(0, this.waiting.length);
    for (const entry of dropped) {
      entry.info.state = 'failed';
      entry.reject(new Error(reason));
    }
    return dropped.length;
  }

  private insert(entry: Entry<unknown>): void {
    let index = this.waiting.length;
    ║while (index > 0 && this.waiting[index - 1].options.priority < entry.options.priority) {
      index--;
    }║
    this.waiting.splice(index, 0, entry);
  }

  private startNext(): void {
    while (!this.paused && this.running.size < this.limit) {
      const entry = this.waiting.shift();
      if (entry === undefined) {
        break;
      }
      this.running.set(entry.info.id, entry);
      void this.run(entry);
    }
  }

  private async run(entry: Entry<unknown>): Promise<void> {
    const { info, options } = entry;
    info.state = 'running';
    info.attempts++;
    this.emit('started', info);
    try {
      const value = await this.withTimeout(entry.work, options.timeout);
      info.state = 'done';
      entry.resolve(value);
    } catch (error) {
      info.error = error instanceof Error ? error : new Error(String(error));
      if (info.attempts <= options.retries) {
        info.state = 'waiting';
        this.insert(entry);
      } else {
        info.state = 'failed';
        entry.reject(info.error);
      }
    } finally {
      this.running.delete(info.id);
      this.emit('finished', info);
      this.startNext();
      if (this.isIdle) {
        this.emit('idle');
      }
    }
  }

  private async withTimeout<T>(work: (signal: AbortSignal) => Promise<T>, timeout: number): Promise<T> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), timeout);
    try {
      return await work(controller.signal);
    } finally {
      clearTimeout(timer);
    }
  }
}
