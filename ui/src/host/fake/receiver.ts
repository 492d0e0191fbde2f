//! A receiver that hears what it is told to have heard.
import type { CameIn, Code, Finding, ReceiverView, Refusal, Settings } from "../contract.ts";

const nothing: CameIn = { accepted: 0, accepted_at: null, refused: 0, refused_at: null, reasons: [] };

export class FakeReceiver {
  /** What came in, by account. */
  readonly came = new Map<string, CameIn>();
  elsewhere: CameIn = nothing;
  /** What is wrong with what came in, by account. */
  readonly faults = new Map<string, Refusal>();
  /** A proxy that passes requests on, named or not. */
  proxy: string | null = null;
  /** What is wrong with the way from outside. */
  outside: Code | null = null;
  /** Another program has the address. */
  taken = false;

  constructor(readonly since: string) {}

  view({ receiver }: Settings, accounts: { name: string; gateway: string; notifyUrl: string | null }[]): ReceiverView {
    const { listen, public_address } = receiver;
    const on = listen !== "" && !this.taken;
    const address = on && public_address !== "" ? public_address : null;
    return {
      state: on ? "on" : listen === "" ? "off" : "failed",
      listen: listen === "" ? null : listen,
      public_address: public_address === "" ? null : public_address,
      since: on ? this.since : null,
      fault: this.#fault(receiver),
      accounts: accounts.map(({ name, gateway, notifyUrl }) => ({
        account: name,
        notify_url: address === null || gateway === "dingdang" ? notifyUrl : `${address}/notify/${gateway}/${name}`,
        partner_urls:
          address === null || gateway !== "dingdang"
            ? []
            : ["create", "ship", "refund"].map((word) => `${address}/${gateway}/${name}/${word}`),
        came: this.came.get(name) ?? nothing,
        fault: this.faults.get(name) ?? null,
      })),
      elsewhere: this.elsewhere,
    };
  }

  #fault({ listen, public_address, proxy }: Settings["receiver"]): Refusal | null {
    if (listen !== "" && this.taken) return { code: "receiver_not_listening", facts: { listen, cause: "in_use" } };
    if (listen === "" && public_address !== "") {
      return { code: "receiver_has_no_listen", facts: { address: public_address } };
    }
    if (this.proxy !== null && this.proxy !== proxy) {
      return { code: "receiver_proxy_unnamed", facts: { proxy: this.proxy } };
    }
    return null;
  }

  check({ receiver }: Settings): Finding[] {
    if (receiver.listen === "" || receiver.public_address === "" || this.taken) return [];
    const what = "receiver:outside";
    if (this.outside === null) return [{ what, well: true, facts: { latency_ms: "84" }, fault: null }];
    const facts = { address: receiver.public_address, status: "502" };
    return [{ what, well: false, facts: { latency_ms: "84" }, fault: { code: this.outside, facts } }];
  }

  /** What the check-up says of it. */
  examine(settings: Settings, view: ReceiverView): Finding[] {
    const { state, listen, public_address } = view;
    const facts = { state, ...(listen !== null && { listen }), ...(public_address !== null && { public_address }) };
    const came = ({
      account,
      came: { accepted, accepted_at, refused, reasons },
      fault,
    }: ReceiverView["accounts"][number]) => ({
      what: `notifications:${account}`,
      well: fault === null,
      facts: {
        accepted: String(accepted),
        ...(accepted_at !== null && { accepted_at }),
        refused: String(refused),
        ...Object.fromEntries(reasons.map(({ why, count }) => [`refused.${why}`, String(count)])),
      },
      fault,
    });
    return [
      { what: "receiver", well: view.fault === null, facts, fault: view.fault },
      ...this.check(settings),
      ...(state === "on" ? view.accounts.map(came) : []),
    ];
  }
}
