// A pause of a few minutes without automatic requests. It ends with the window, and changes no setting.
import { EventEmitter, window, type Disposable } from 'vscode';

const choices = [5, 15, 60]; // minutes

export class Snooze implements Disposable {
  private readonly changed = new EventEmitter<void>();
  private timer: NodeJS.Timeout | null = null;
  private end: Date | null = null;

  readonly onChange = this.changed.event;

  /** When it ends; null: there is none. */
  get until(): Date | null {
    return this.end;
  }

  /** Asks for the duration, or ends the current pause. */
  async toggle(): Promise<void> {
    if (this.end !== null) {
      this.set(null);
      return;
    }
    const items = choices.map(minutes => ({ label: `${minutes} minutes`, minutes }));
    const choice = await window.showQuickPick(items, { title: 'Snooze completions for' });
    if (choice !== undefined) this.set(choice.minutes);
  }

  dispose(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.changed.dispose();
  }

  private set(minutes: number | null): void {
    if (this.timer !== null) clearTimeout(this.timer);
    const wait = (minutes ?? 0) * 60_000;
    this.end = minutes === null ? null : new Date(Date.now() + wait);
    this.timer =
      minutes === null
        ? null
        : setTimeout(() => {
            this.set(null);
          }, wait);
    this.changed.fire();
  }
}
