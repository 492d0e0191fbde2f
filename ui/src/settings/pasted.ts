//! What is pasted into a secret's field of one line.
import type { AccountField } from "../host/contract.ts";
import type { Notices } from "../till/notices.svelte.ts";

/** Keeps out what a browser would join into one line or cut, unseen: that is not the key which was copied. */
export function pasteSecret(event: ClipboardEvent, field: AccountField, notices: Notices): void {
  const box = event.currentTarget;
  if (!(box instanceof HTMLInputElement)) return;
  const text = (event.clipboardData?.getData("text") ?? "").replace(/[\r\n]+$/, "");
  const replaced = (box.selectionEnd ?? 0) - (box.selectionStart ?? 0);
  const isOneLine = !/[\p{Cc}\u2028\u2029\ufeff]/u.test(text);
  if (isOneLine && box.value.length - replaced + text.length <= field.max_chars) return;
  event.preventDefault();
  const facts = { field: field.name };
  notices.tell(
    isOneLine
      ? { code: "value_does_not_fit", facts }
      : { code: "secret_unusable", facts: { ...facts, reason: "not_one_line" } },
  );
}
