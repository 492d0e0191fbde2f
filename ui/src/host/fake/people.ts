//! The people of a till that has no manager yet.
import type { Action, PeopleView, RefundLimits } from "../contract.ts";

const everything: { readonly [action in Action]: true } = {
  sell: true,
  ask: true,
  close: true,
  reverse: true,
  adopt: true,
  read: true,
  export: true,
  manage_accounts: true,
  manage_settings: true,
  refund: true,
  mark_by_hand: true,
  handle_attention: true,
  overrule: true,
  manage_operators: true,
  manage_limits: true,
};

const usual: RefundLimits = { per_refund: "2000.00", per_day: "5000.00", second_above: "500.00" };

export const owner: PeopleView = {
  session: { kind: "owner", name: null, role: null, may: Object.keys(everything) as Action[] },
  operators: [],
  limits: {
    refunds: { CNY: usual, HKD: usual, AUD: usual },
    reason_required: true,
    window_days: 90,
    idle_lock_s: 180,
  },
};
