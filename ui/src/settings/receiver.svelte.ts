//! The receiver's page: what is set while it is changed, what came in, and whether it is reached from outside.
import type { Code, Finding, ReceiverSettings, ReceiverView, Refusal } from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";
import type { Till } from "../till/till.svelte.ts";

export type ReceiverField = keyof ReceiverSettings;

const fieldOf: Partial<Record<Code, ReceiverField>> = {
  receiver_listen_bad: "listen",
  receiver_address_bad: "public_address",
  receiver_proxy_bad: "proxy",
};

export class ReceiverPage {
  view = $state.raw<ReceiverView | null>(null);
  fields = $state<ReceiverSettings>({ listen: "", public_address: "", proxy: "" });
  busy = $state(false);
  saved = $state(false);
  refused = $state.raw<Refusal | null>(null);
  /** When the check that is under way began, by the window's clock. */
  since = $state<number | null>(null);
  findings = $state.raw<Finding[] | null>(null);

  #looks = 0;

  constructor(readonly till: Till) {
    this.#take();
  }

  /** The field that does not hold what it should. */
  bad = $derived(this.refused === null ? null : (fieldOf[this.refused.code] ?? null));

  /** Whether there is anything to check from outside. */
  canCheck = $derived(this.view?.state === "on" && this.view.public_address !== null);

  /** Asks what came in. */
  async look(): Promise<void> {
    const look = ++this.#looks;
    const got = await this.till.notices.orTell(() => this.till.host.receiver());
    // One that was asked before may be of the settings before.
    if (got === null || look !== this.#looks) return;
    const { state, public_address } = got.value;
    this.view = got.value;
    this.till.servesPages = state === "on" && public_address !== null;
  }

  async save(): Promise<void> {
    const { settings, host } = this.till;
    if (settings === null || this.busy) return;
    this.busy = true;
    this.saved = false;
    this.refused = null;
    // What was found held for what was set before.
    this.findings = null;
    try {
      const saved = await host.saveSettings({ ...settings, receiver: { ...this.fields } });
      await this.till.use(saved);
      this.#take();
      this.saved = true;
      await this.look();
    } catch (thrown) {
      this.refused = refusalOf(thrown);
    } finally {
      this.busy = false;
    }
  }

  /** Has the till send itself a request through the public address. */
  async check(): Promise<void> {
    if (this.since !== null) return;
    this.since = this.till.clock.now();
    const got = await this.till.notices.orTell(() => this.till.host.checkReceiver());
    this.since = null;
    if (got !== null) this.findings = got.value;
    await this.look();
  }

  #take(): void {
    const { settings } = this.till;
    if (settings !== null) this.fields = { ...settings.receiver };
  }
}
