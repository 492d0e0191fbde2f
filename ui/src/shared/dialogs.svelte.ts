//! The dialogs that are open, and what the topmost of them says of things that happen beside it.
import { type Component, createContext } from "svelte";

export class Dialogs {
  #open = $state.raw<string[]>([]);

  /** `Aside`: stands below what the topmost dialog is about. */
  constructor(readonly Aside: Component<Record<string, never>>) {}

  /** A dialog opens above all others; returns what takes it away again. */
  opened(id: string): () => void {
    this.#open = [...this.#open, id];
    return () => (this.#open = this.#open.filter((one) => one !== id));
  }

  isTop(id: string): boolean {
    return this.#open.at(-1) === id;
  }
}

export const [getDialogs, setDialogs] = createContext<Dialogs>();
