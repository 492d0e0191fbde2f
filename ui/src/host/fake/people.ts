//! People, PINs and limits of the pretend till: six wrong tries lock for half an hour of its clock.
import type {
  Action,
  Authority,
  Clock,
  Code,
  LimitsView,
  OperatorView,
  PeopleView,
  RefundLimits,
  Role,
  SecondPerson,
  Session,
} from "../contract.ts";
import { Refused } from "../contract.ts";

export type FakeOperator = {
  name: string;
  role: Role;
  pin: string;
  removed: boolean;
  wrong: number;
  lockedUntil: number | null;
  replacedAt: string | null;
};

/** Who answers for a deed: `by` as the journal names them. */
export type Signed = { by: string; second: string | null };

const triesAllowed = 6;
const lockedMs = 30 * 60_000;

const everybody: Action[] = ["sell", "ask", "close", "reverse", "read", "export"];
const cashiers: Action[] = [...everybody, "adopt"];
const managers: Action[] = [
  ...cashiers,
  "manage_accounts",
  "manage_settings",
  "refund",
  "mark_by_hand",
  "handle_attention",
  "overrule",
  "manage_operators",
  "manage_limits",
  "restore",
];

const safe: RefundLimits = { per_refund: "2000.00", per_day: "5000.00", second_above: "500.00" };

export function person(name: string, role: Role, pin: string): FakeOperator {
  return { name, role, pin, removed: false, wrong: 0, lockedUntil: null, replacedAt: null };
}

export function refused(code: Code, facts: Record<string, string>): Refused {
  return new Refused({ code, facts });
}

export class FakePeople {
  limits: LimitsView = {
    refunds: { CNY: safe, HKD: safe, AUD: safe },
    reason_required: true,
    window_days: 90,
    idle_lock_s: 180,
  };
  #signedIn: string | null = null;

  constructor(
    readonly clock: Clock,
    public operators: FakeOperator[] = [],
    /** Told when somebody is locked out. */
    readonly lockedOut: () => void = () => {},
  ) {}

  view(): PeopleView {
    return {
      session: this.#session(),
      operators: this.operators.map((one) => this.#shown(one)),
      limits: this.limits,
    };
  }

  /** As the journal writes whoever stands here. */
  get actor(): string {
    const { kind, name } = this.#session();
    return kind === "operator" ? `operator:${name}` : kind;
  }

  permit(action: Action): void {
    if (!this.#session().may.includes(action)) throw refused("missing_right", { action });
  }

  signIn(name: string, pin: string): void {
    this.#signedIn = this.#identify(name, pin).name;
  }

  signOut(): void {
    this.#signedIn = null;
  }

  /** Checks the PINs that stand under a deed. */
  sign({ pin, second }: Authority): Signed {
    const { kind, name } = this.#session();
    if (kind === "operator" && name !== null) this.#identify(name, this.#given(pin));
    const other = second === null ? null : this.#other(second);
    return { by: name ?? kind, second: other };
  }

  /** A manager who lets something pass: whoever is signed in, or the second person. */
  overrule({ pin, second }: Authority): string {
    const { kind, name, role } = this.#session();
    if (kind === "owner") return "owner";
    if (second === null && kind === "operator" && role === "manager" && name !== null)
      return this.#identify(name, this.#given(pin)).name;
    if (second === null) throw refused("missing_right", { action: "overrule" });
    const manager = this.#identify(second.name, second.pin);
    if (manager.role !== "manager") throw refused("missing_right", { action: "overrule" });
    return manager.name;
  }

  add(name: string, role: Role, newPin: string, pin: string | null): void {
    this.permit("manage_operators");
    this.sign({ pin, second: null });
    if (!/^[\p{L}\p{N} ._-]{1,32}$/u.test(name)) throw refused("bad_operator_name", { name });
    if (this.operators.some((one) => one.name === name)) throw refused("operator_name_taken", { name });
    checkPin(newPin);
    this.operators = [...this.operators, person(name, role, newPin)];
  }

  remove(name: string, pin: string | null): void {
    this.permit("manage_operators");
    this.sign({ pin, second: null });
    const gone = this.#find(name);
    const managersLeft = this.operators.filter(
      (one) => one.role === "manager" && !one.removed && one !== gone && (one.lockedUntil ?? 0) <= this.clock.now(),
    );
    if (gone.role === "manager" && managersLeft.length === 0) throw refused("last_manager", {});
    gone.removed = true;
    if (this.#signedIn === name) this.signOut();
  }

  setPin(name: string, newPin: string, pin: string | null): void {
    if (this.#signedIn !== name) this.permit("manage_operators");
    this.sign({ pin, second: null });
    checkPin(newPin);
    Object.assign(this.#find(name), { pin: newPin, wrong: 0, lockedUntil: null });
  }

  setLimits(limits: LimitsView, pin: string | null): void {
    this.permit("manage_limits");
    this.sign({ pin, second: null });
    if (limits.window_days < 1) throw refused("limits_bad", { field: "window_days", values: "1 – 3650" });
    this.limits = limits;
  }

  #session(): Session {
    const managed = this.operators.some(({ role, removed }) => role === "manager" && !removed);
    const here = this.operators.find(({ name, removed }) => name === this.#signedIn && !removed);
    if (here !== undefined) {
      const may = here.role === "manager" || !managed ? managers : cashiers;
      return { kind: "operator", name: here.name, role: here.role, may };
    }
    return { kind: managed ? "nobody" : "owner", name: null, role: null, may: managed ? everybody : managers };
  }

  #given(pin: string | null): string {
    if (pin === null || pin === "") throw refused("pin_needed", { name: this.#signedIn ?? "" });
    return pin;
  }

  #other({ name, pin }: SecondPerson): string {
    if (name === this.#signedIn) throw refused("second_person_same", {});
    return this.#identify(name, pin).name;
  }

  #identify(name: string, pin: string): FakeOperator {
    const found = this.#find(name);
    const left = (found.lockedUntil ?? 0) - this.clock.now();
    if (left > 0) throw refused("locked_out", { name, minutes: String(Math.ceil(left / 60_000)) });
    if (found.pin === this.#given(pin)) {
      found.wrong = 0;
      found.lockedUntil = null;
      return found;
    }
    found.wrong += 1;
    if (found.wrong < triesAllowed) throw refused("pin_wrong", { name, left: String(triesAllowed - found.wrong) });
    found.wrong = 0;
    found.lockedUntil = this.clock.now() + lockedMs;
    if (this.#signedIn === name) this.signOut();
    this.lockedOut();
    throw refused("locked_out", { name, minutes: "30" });
  }

  #find(name: string): FakeOperator {
    const found = this.operators.find((one) => one.name === name && !one.removed);
    if (found === undefined) throw refused("operator_unknown", { name });
    return found;
  }

  #shown({ name, role, removed, wrong, lockedUntil, replacedAt }: FakeOperator): OperatorView {
    const left = lockedUntil === null ? 0 : lockedUntil - this.clock.now();
    return {
      name,
      role,
      removed,
      wrong_tries: wrong,
      locked_for_s: left > 0 ? Math.ceil(left / 1000) : null,
      pin_replaced_at: replacedAt,
    };
  }
}

function checkPin(pin: string): void {
  if (!/^\d{4,12}$/.test(pin) || /^(\d)\1+$/.test(pin)) throw refused("bad_pin", {});
}
