import { render, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import { errorWords } from "../src/host/bindings.ts";
import { Refused } from "../src/host/contract.ts";
import { FakeClock } from "../src/host/fake/clock.ts";
import { account, harbour } from "../src/host/fake/gateways.ts";
import { FakeTill } from "../src/host/fake/till.ts";
import { open, opening, sell } from "./window.ts";

describe("the window", () => {
  it("drops a picture that is older than the one it has", async () => {
    const window = await open();
    await sell(window);
    const old = window.till.update([window.till.last]);
    window.till.pay();
    await screen.findByTestId("paid");
    window.till.send(old);
    await window.pass(0);
    expect(screen.getByTestId("paid")).toBeVisible();
    expect(screen.getByTestId("today")).toHaveTextContent("1 笔");
  });

  it.each([
    ["zh-CN", "今日收款（未减退款）"],
    ["zh-HK", "今日收款（未減退款）"],
    ["en", "Paid today, before refunds"],
  ] as const)("says that refunds are not taken off what was paid today (%s)", async (language, said) => {
    const window = await open({ settings: { language } });
    await window.shows("today", said);
  });

  it("counts the payments of each currency beside their sum", async () => {
    const sold = { channel: "wechat.qrcode", body: null, extra: {}, currency: null, expire_s: null, sale: null };
    const window = await open({ accounts: [account, harbour] }, (till) => {
      for (const amount of ["7.50", "12.50"]) till.seed(amount, "paid", 60_000);
      till.seed("8.00", "paid", 60_000, { request: { ...sold, account: "harbour", amount: "8.00" } });
    });
    await window.shows("today", /¥20\.00\s*2 笔\s*HK\$8\.00\s*1 笔/);
  });

  it("keeps the accounts of its first picture where a newer update without them came before it", async () => {
    await open({}, (till) => {
      const start = till.start.bind(till);
      till.start = async () => {
        const started = await start();
        till.send({ ...till.update([]), accounts: null });
        return started;
      };
    });
    expect(screen.getByTestId("amount-input")).toBeVisible();
    expect(screen.queryByTestId("first-run-training")).toBeNull();
  });

  it("has the order of before on screen after a reload in the middle of a sale", async () => {
    const window = await open();
    await sell(window);
    await window.reload();
    expect(await screen.findByTestId("qr")).toBeVisible();
    expect(screen.getByTestId("state")).toHaveAttribute("data-order", window.till.last.no);
  });

  it("keeps nothing but the order's number and the way to pay across a reload", async () => {
    const window = await open();
    await sell(window);
    expect(Object.values({ ...sessionStorage })).toEqual([window.till.last.no]);
    expect(Object.keys({ ...localStorage })).toEqual([]);
  });

  it("changes its language while an order is on screen", async () => {
    const window = await open();
    await sell(window);
    await window.user.click(screen.getByTestId("rail-settings"));
    await window.user.click(await screen.findByTestId("language-zh-HK"));
    await waitFor(() => expect(document.documentElement.lang).toBe("zh-HK"));
    await window.user.click(screen.getByTestId("rail-checkout"));
    await window.shows("state-line", "等候顧客掃碼");
    await window.user.click(screen.getByTestId("rail-settings"));
    await window.user.click(await screen.findByTestId("language-en"));
    await window.user.click(screen.getByTestId("rail-checkout"));
    await window.shows("state-line", "Waiting for the customer to scan");
  });

  it("shows what became of the payments from before, and lets the sheet be put away", async () => {
    const window = await open({}, (till) => {
      const order = till.seed("8.00", "awaiting_payment", 60_000);
      till.recover({
        order_nos: [order.no, "gone"],
        still_asking: 1,
        paid: 1,
        ended: 0,
        open: 0,
        in_doubt: 0,
        not_asked: 0,
      });
    });
    const sheet = await screen.findByTestId("recovery");
    expect(sheet).toHaveTextContent("收银台上次关闭或停机时有 2 笔没有结束");
    expect(sheet).toHaveTextContent("1 笔已收款");
    expect(sheet).toHaveTextContent("还在询问 1 笔");
    await waitFor(() => expect(sheet).toHaveTextContent("¥8.00"));
    await window.user.click(screen.getByTestId("recovery-dismiss"));
    expect(screen.queryByTestId("recovery")).toBeNull();
    await window.reload();
    expect(screen.queryByTestId("recovery")).toBeNull();
  });

  it("shows payments from before in one row, and says how many have no room there", async () => {
    const width = vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(692);
    const { user } = await open({}, (till) => {
      const nos = ["8.00", "9.00", "10.00", "11.00", "12.00"].map((amount) => till.seed(amount, "paid", 60_000).no);
      till.recover({ order_nos: nos, still_asking: 0, paid: 5, ended: 0, open: 0, in_doubt: 0, not_asked: 0 });
    });
    const sheet = await screen.findByTestId("recovery");
    await waitFor(() => expect(sheet).toHaveTextContent("¥9.00"));
    expect(sheet).not.toHaveTextContent("¥10.00");
    const more = screen.getByRole("button", { name: "还有 3 笔，在订单列表查看" });
    expect(more).toHaveTextContent("+ 3");
    width.mockRestore();
    await user.click(more);
    await waitFor(() => expect(screen.getByTestId("rail-orders")).toHaveAttribute("aria-current", "page"));
  });

  it("does not say of a payment that cannot be read that it is asked about", async () => {
    await open({}, (till) => {
      till.recover({
        order_nos: ["TK1", "TK2"],
        still_asking: 0,
        paid: 1,
        ended: 0,
        open: 0,
        in_doubt: 0,
        not_asked: 1,
      });
    });
    const sheet = await screen.findByTestId("recovery");
    expect(sheet).toHaveTextContent("1 笔没有询问，请到网关的商户后台核对");
    expect(sheet).not.toHaveTextContent("还在询问");
    expect(sheet).not.toHaveTextContent("每一笔都已向网关问过");
  });

  it("does not say of a payment in doubt that it is not paid yet", async () => {
    await open({}, (till) => {
      const { no } = till.seed("5.00", "disputed", 60_000);
      till.recover({ order_nos: [no], still_asking: 0, paid: 0, ended: 0, open: 0, in_doubt: 1, not_asked: 0 });
    });
    const sheet = await screen.findByTestId("recovery");
    expect(sheet).toHaveTextContent("1 笔有疑问，先不要当作已收款");
    expect(sheet).not.toHaveTextContent("还没有付款");
  });

  it.each([400, -400])(
    "does not say whose clock is wrong where its own is %i s ahead of a gateway's",
    async (ahead) => {
      const window = await open({}, (till) => {
        till.clockAheadS = ahead;
      });
      await window.shows("clocks", "本机时钟与一个网关的相差 400 秒");
    },
  );

  it("bears the mark of training on every screen", async () => {
    const { user } = await open({ training: true });
    for (const place of ["checkout", "orders", "settings"]) {
      await user.click(screen.getByTestId(`rail-${place}`));
      expect(screen.getByTestId("training-mark")).toBeVisible();
    }
    expect(screen.getByTestId("open-phone")).toBeVisible();
  });

  it("offers training and a gateway where there is no account yet", async () => {
    const { user, till } = await open({ accounts: [] });
    await user.click(screen.getByTestId("first-run-training"));
    expect(till.calls).toContain("training");
    await user.click(screen.getByTestId("first-run-connect"));
    expect(await screen.findByTestId("save-account")).toBeVisible();
  });

  it("says large why the till could not start, and still offers training", async () => {
    const { user, till } = await open({ fault: "keyring_absent" });
    expect(screen.queryByTestId("fault-export")).toBeNull();
    expect(screen.getByTestId("fault")).toHaveTextContent(errorWords.keyring_absent.next["zh-CN"]);
    await user.click(screen.getByTestId("first-run-training"));
    expect(till.calls).toContain("training");
  });

  it("opens by itself once a locked keyring is unlocked, and asks nobody meanwhile", async () => {
    const { till, pass } = await open({ fault: "keyring_locked" });
    const start = vi.spyOn(till, "start");
    const looks = () => till.calls.filter((call) => call === "keyring").length;
    for (let looked = 1; looked <= 3; looked += 1) {
      await pass(3_000);
      await waitFor(() => expect(looks()).toBe(looked));
    }
    expect(screen.getByTestId("fault")).toBeVisible();
    expect(start).not.toHaveBeenCalled();
    till.mend();
    await pass(3_000);
    expect(await screen.findByTestId("amount-input")).toBeVisible();
    expect(start).toHaveBeenCalledTimes(1);
    await pass(12_000);
    expect([looks(), start.mock.calls.length]).toEqual([4, 1]);
  });

  it("does not look for a keyring while somebody has the till opened once more, nor for another reason", async () => {
    const { till, user, pass } = await open({ fault: "keyring_locked" });
    let ready = () => {};
    const waited = new Promise<void>((done) => {
      ready = done;
    });
    const start = till.start.bind(till);
    till.start = () => waited.then(start);
    await user.click(screen.getByTestId("fault-again"));
    await pass(12_000);
    expect(till.calls).not.toContain("keyring");
    till.script.fault = "disk_full";
    ready();
    await waitFor(() => expect(screen.getByTestId("fault")).toHaveAttribute("data-code", "disk_full"));
    await pass(12_000);
    expect(till.calls).not.toContain("keyring");
  });

  it("keeps what to do in sight below a machine's long text", async () => {
    const folder = `/mnt/${"a_folder_with_a_very_long_name/".repeat(6)}`;
    await open({ fault: "folder_read_only", faultFacts: { folder } });
    const title = screen.getByRole("heading", { level: 2, name: /a_folder_with/ });
    expect(title).toHaveClass("long");
  });

  it("says how records leave a damaged journal", async () => {
    await open({ fault: "journal_damaged" });
    expect(screen.getByTestId("fault")).toHaveTextContent("导出在命令行进行，不会改动原有记录");
    expect(screen.getByTestId("fault-export")).toHaveTextContent(
      'tillkeeper --data-dir "~/.local/share/tillkeeper" journal export --format csv --output "新文件夹"',
    );
  });

  it("says in training how training's records leave, and offers no training in place of itself", async () => {
    await open({ fault: "journal_damaged", training: true });
    expect(screen.getByTestId("fault-export")).toHaveTextContent(
      'tillkeeper --data-dir "~/.local/share/tillkeeper" --training journal export --format csv --output "新文件夹"',
    );
    expect(screen.getByTestId("fault-again")).toBeVisible();
    expect(screen.queryByTestId("first-run-training")).toBeNull();
  });

  it("offers no export of a file that is no journal", async () => {
    await open({ fault: "journal_unopenable", faultFacts: { place: "journal.sqlite" } });
    expect(screen.getByTestId("fault")).toHaveTextContent("journal.sqlite 不是流水");
    expect(screen.queryByTestId("fault-export")).toBeNull();
  });

  it("knows of the customer's window that opens and goes by itself, and closes it with one press", async () => {
    const { till, user } = await open({}, (till) => till.showCustomers(true));
    const button = () => screen.getByTestId("customer-window");
    expect(button()).toHaveAttribute("aria-pressed", "true");
    await user.click(button());
    expect(till.calls).toContain("customer window false");
    await waitFor(() => expect(button()).toHaveAttribute("aria-pressed", "false"));
    till.showCustomers(true);
    await waitFor(() => expect(button()).toHaveAttribute("aria-pressed", "true"));
    till.showCustomers(false);
    await waitFor(() => expect(button()).toHaveAttribute("aria-pressed", "false"));
    await user.click(button());
    expect(till.calls.at(-1)).toBe("customer window true");
  });

  it("believes what it heard of the customer's window over what it was told before", async () => {
    await open({}, (till) => {
      const start = till.start.bind(till);
      till.start = async () => {
        const told = await start();
        till.showCustomers(true);
        return told;
      };
    });
    expect(screen.getByTestId("customer-window")).toHaveAttribute("aria-pressed", "true");
  });

  it("says since when it waits for the till", async () => {
    const clock = new FakeClock();
    const till = new FakeTill(clock);
    let ready = () => {};
    const waited = new Promise<void>((done) => {
      ready = done;
    });
    const start = till.start.bind(till);
    till.start = () => waited.then(start);
    render(App, { props: opening(till, clock) });
    clock.advance(2_000);
    expect(await screen.findByText(/Opening the till, for 2 s/)).toBeVisible();
    ready();
    expect(await screen.findByTestId("amount")).toBeVisible();
  });

  it("names a field by its label when the till refuses it", async () => {
    const { till, user } = await open();
    till.sell = () => Promise.reject(new Refused({ code: "channel_field_bad", facts: { field: "buyer_id" } }));
    await user.keyboard("5{Enter}");
    expect(await screen.findByTestId("notice")).toHaveTextContent("买家编号");
  });

  it("lists every shortcut on a question mark and takes no amount meanwhile", async () => {
    const { user } = await open();
    await user.keyboard("?");
    const dialog = await screen.findByTestId("shortcuts");
    expect(dialog).toHaveTextContent("换一种方式付");
    await user.keyboard("5");
    expect(screen.getByTestId("amount")).toHaveAttribute("data-value", "");
    await user.click(within(dialog).getByText("关闭"));
    await waitFor(() => expect(screen.queryByTestId("shortcuts")).toBeNull());
  });
});

describe("the orders", () => {
  const many = (till: Parameters<NonNullable<Parameters<typeof open>[1]>>[0]) => {
    for (let at = 1; at <= 120; at += 1) till.seed(`${at}.00`, "paid", at * 60_000);
  };

  it("are searched from anywhere, and one of them opens as a timeline", async () => {
    const window = await open({}, many);
    await window.user.keyboard("{Control>}f{/Control}");
    const search = await screen.findByTestId("search");
    expect(search).toHaveFocus();
    const wanted = window.till.orderList[41];
    await window.user.keyboard("42.00");
    await waitFor(() => expect(screen.getAllByTestId(/^order-row-/)).toHaveLength(1));
    await window.user.click(screen.getByTestId(`order-row-${wanted?.no.slice(-4)}`));
    expect(await screen.findByTestId("timeline-entry-paid")).toHaveTextContent(
      "号码、金额、商户、币种一致 · 网关签名：已核对",
    );
    expect(screen.getByTestId("timeline-entry-created")).toHaveTextContent("+ 212 毫秒");
    expect(screen.getByTestId("timeline-entry-created")).toHaveTextContent("应答用时 212 毫秒");
    await window.user.click(within(screen.getByTestId("timeline-entry-paid")).getByRole("button"));
    expect(await screen.findByTestId("raw-answer")).toHaveTextContent("trade_state");
    await window.user.keyboard("{Escape}");
    expect(screen.queryByTestId("timeline")).toBeNull();
  });

  it.each([
    [400, "原文已按设置在 400 天后删除，校验值仍在"],
    [null, "原文不见了，校验值仍在"],
  ])("say of an answer that is gone what became of it: kept for %s days", async (days, said) => {
    const window = await open({}, (till) => {
      till.seed("42.00", "paid", 60_000);
      till.rawGone = true;
      till.rawKeptDays = days;
    });
    await window.user.keyboard("{Control>}f{/Control}");
    await window.user.click(await screen.findByTestId(/^order-row-/));
    const entry = await screen.findByTestId("timeline-entry-paid");
    await window.user.click(within(entry).getByRole("button"));
    expect(await screen.findByTestId("raw-answer")).toHaveTextContent(said);
  });

  it("are filtered by state, by keys alone", async () => {
    const { user, till } = await open({}, (host) => {
      host.seed("5.00", "paid", 60_000);
      host.seed("6.00", "closed", 50_000);
    });
    await user.keyboard("{Control>}f{/Control}");
    await waitFor(() => expect(screen.getAllByTestId(/^order-row-/)).toHaveLength(2));
    const states = screen.getByTestId("search-state");
    for (let at = 0; at < 3 && document.activeElement !== states; at += 1) await user.tab();
    expect(states).toHaveFocus();
    await user.selectOptions(states, "已关闭");
    await waitFor(() => expect(screen.getAllByTestId(/^order-row-/)).toHaveLength(1));
    expect(screen.getByTestId(`order-row-${till.last.no.slice(-4)}`)).toHaveAttribute("data-state", "closed");
    await user.selectOptions(states, "失败");
    expect(await screen.findByText("没有符合的订单")).toBeVisible();
    await user.selectOptions(states, "");
    await waitFor(() => expect(screen.getAllByTestId(/^order-row-/)).toHaveLength(2));
  });

  it("are only rendered as far as they are in sight", async () => {
    const { user } = await open({}, many);
    await user.click(screen.getByTestId("rail-orders"));
    await waitFor(() => expect(screen.getAllByTestId(/^order-row-/).length).toBeGreaterThan(5));
    expect(screen.getAllByTestId(/^order-row-/).length).toBeLessThan(40);
  });

  it("come with the order that is on the checkout", async () => {
    const window = await open();
    await sell(window);
    await window.user.keyboard("o");
    expect(await screen.findByTestId("timeline")).toHaveAttribute("data-order", window.till.last.no);
    await window.user.click(await screen.findByTestId("open-at-checkout"));
    expect(await screen.findByTestId("qr")).toBeVisible();
  });
});

describe("the settings", () => {
  it("make an account from the gateway's own description, and never show its key again", async () => {
    const { user, till } = await open({ accounts: [] });
    await user.click(screen.getByTestId("first-run-connect"));
    await user.type(await screen.findByTestId("field-name"), "shop");
    await user.type(screen.getByTestId("field-merchant_id"), "5399");
    await user.type(screen.getByTestId("field-notify_url"), "https://example.com/n");
    await user.type(screen.getByTestId("secret-key"), "very-secret-9f3c");
    await user.click(screen.getByTestId("save-account"));
    expect(await screen.findByTestId("secret-hint-key")).toHaveTextContent("…9f3c");
    expect(till.secrets.get("shop/key")).toBe("very-secret-9f3c");
    expect(document.body.innerHTML).not.toContain("very-secret");
    expect([...document.querySelectorAll("input")].map(({ value }) => value).join()).not.toContain("very-secret");
    await user.click(screen.getByTestId("rail-checkout"));
    expect(await screen.findByTestId("channel-wechat.scan")).toBeVisible();
  });

  it("name what is missing in an account's form, in the window's language, and make nothing of it before", async () => {
    const window = await open({ accounts: [], settings: { language: "en" } });
    const { user, till } = window;
    await user.click(screen.getByTestId("first-run-connect"));
    await user.click(await screen.findByTestId("save-account"));
    const needed = "Still needed: Account's name, Merchant number, Notification address";
    await window.shows("account-needed", needed);
    expect(screen.getByTestId("field-name")).toHaveFocus();
    await user.type(screen.getByTestId("field-name"), "shop");
    await user.type(screen.getByTestId("field-notify_url"), "https://example.com/n");
    await window.shows("account-needed", /^Still needed: Merchant number$/);
    await user.click(screen.getByTestId("save-account"));
    expect(screen.getByTestId("field-merchant_id")).toHaveFocus();
    expect(till.accounts).toHaveLength(0);
    await user.type(screen.getByTestId("field-merchant_id"), "5399");
    expect(screen.queryByTestId("account-needed")).toBeNull();
    await user.click(screen.getByTestId("save-account"));
    expect(await screen.findByTestId("account-shop")).toBeVisible();
  });

  it("say what an account still needs, and the checkout does not offer it", async () => {
    const { user, till } = await open();
    till.accounts = till.accounts.map((account) => ({ ...account, secrets: {}, missing: ["key"] }));
    till.recover(null);
    expect(await screen.findByText(/账户“main”还缺少 签名密钥/)).toBeVisible();
    await user.click(screen.getByText("去设置"));
    expect(await screen.findByTestId("account-main")).toHaveTextContent("还缺少：签名密钥");
  });

  it("check an account live, and take it out of use only after asking", async () => {
    const { user, till } = await open();
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    const scrolled = vi.spyOn(Element.prototype, "scrollIntoView");
    await user.click(screen.getByTestId("check-main"));
    expect(await screen.findByTestId("finding-gateway:main")).toHaveAttribute("data-well", "true");
    const found = screen.getByTestId("findings").parentElement;
    await waitFor(() => expect(scrolled.mock.contexts).toContain(found));
    expect(screen.getByTestId("check-main")).toHaveFocus();
    scrolled.mockRestore();
    await user.click(screen.getByTestId("remove-main"));
    expect(till.accounts).toHaveLength(1);
    await user.click(await screen.findByTestId("remove-confirm"));
    await waitFor(() => expect(till.accounts).toHaveLength(0));
  });

  it("show what the check-up found", async () => {
    const { user } = await open();
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-doctor"));
    expect(await screen.findByTestId("finding-disk")).toHaveTextContent("剩余空间 81.6 GB");
  });

  it.each([
    ["zh-CN", "未知 · 没有网关在应答里给出时间"],
    ["zh-HK", "未知 · 沒有網關在回覆中給出時間"],
    ["en", "Not known · no gateway has answered with its time"],
  ] as const)("call a clock not known that no gateway told the time (%s)", async (language, said) => {
    const { user, till } = await open({ settings: { language } });
    till.gatewayUp = false;
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-doctor"));
    expect(await screen.findByTestId("finding-clock")).toHaveTextContent(said);
  });

  it.each([
    [
      "keyring_locked",
      "zh-CN",
      "密钥环已锁定，或还没有设置。",
      "没有密钥的收银台发不出收款、查询和退款。",
      "请在系统弹出的窗口里解锁，第一次则设置密码；",
    ],
    [
      "keyring_locked",
      "zh-HK",
      "密鑰圈已鎖定，或尚未設定。",
      "沒有密鑰的收銀台不能發出收款、查詢及退款。",
      "請在系統彈出的視窗解鎖，首次則設定密碼；",
    ],
    [
      "keyring_locked",
      "en",
      "The keyring is locked, or was never set up.",
      "a till without keys sends no sale, question or refund.",
      "A till that is open then goes on by itself.",
    ],
    [
      "keyring_absent",
      "zh-CN",
      "这台电脑没有可用的密钥环服务。",
      "没有密钥的收银台发不出收款、查询和退款。",
      "请安装 gnome-keyring",
    ],
    [
      "keyring_absent",
      "zh-HK",
      "這部電腦沒有可用的密鑰圈服務。",
      "沒有密鑰的收銀台不能發出收款、查詢及退款。",
      "請安裝 gnome-keyring",
    ],
    [
      "keyring_absent",
      "en",
      "This computer has no keyring service that can be used.",
      "a till without keys sends no sale, question or refund.",
      "install gnome-keyring",
    ],
  ] as const)("tell of %s that was found, and of no refused sale (%s)", async (code, language, ...said) => {
    const { user, till } = await open({ settings: { language } });
    till.doctor = async () => [{ what: "keyring", well: false, facts: {}, fault: { code, facts: {} } }];
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-doctor"));
    const finding = await screen.findByTestId("finding-keyring");
    for (const sentence of said) expect(finding).toHaveTextContent(sentence);
    expect(finding).not.toHaveTextContent(errorWords[code].money[language]);
    expect(finding).not.toHaveTextContent(/没有发出请求|沒有發出請求|[Nn]othing was sent/);
  });

  it("write a gateway's code as the gateway writes it", async () => {
    const { user, till } = await open();
    const facts = { code: "40102", latency_ms: "1870" };
    till.checkAccount = async () => [{ what: "gateway:main", well: true, facts, fault: null }];
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    await user.click(screen.getByTestId("check-main"));
    const finding = await screen.findByTestId("finding-gateway:main");
    expect(finding).toHaveTextContent("代码 40102");
    expect(finding).toHaveTextContent("应答用时 1,870 毫秒");
  });

  it("take the focus into an account's form, and give it back to what opened it", async () => {
    const { user } = await open();
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    for (const [opens, first] of [
      ["add-account", "field-name"],
      ["edit-main", "field-merchant_id"],
    ] as const) {
      await user.click(screen.getByTestId(opens));
      await waitFor(() => expect(screen.getByTestId(first)).toHaveFocus());
      await user.click(screen.getByRole("button", { name: "取消" }));
      await waitFor(() => expect(screen.getByTestId(opens)).toHaveFocus());
    }
  });

  it("show the address that is called, and in the form only one that was given for the account", async () => {
    const called = "https://api.au.blueoceanpay.com";
    const { user, till } = await open({ accounts: [{ ...harbour, base_url: called, own_base_url: null }] });
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    expect(screen.getByText(called)).toBeVisible();
    await user.click(screen.getByTestId("edit-harbour"));
    const field = await screen.findByTestId<HTMLInputElement>("field-base_url");
    expect(field).toHaveValue("");
    expect(field).toHaveAccessibleDescription(`留空用默认地址 ${called}`);
    await user.click(screen.getByTestId("save-account"));
    await screen.findByTestId("edit-harbour");
    expect(till.accounts[0]?.own_base_url).toBeNull();
    await user.click(screen.getByTestId("edit-harbour"));
    await user.type(await screen.findByTestId("field-base_url"), "https://pay.example.com");
    await user.click(screen.getByTestId("save-account"));
    await user.click(await screen.findByTestId("edit-harbour"));
    expect(await screen.findByTestId("field-base_url")).toHaveValue("https://pay.example.com");
  });

  it.each([
    ["zh-CN", "取消", "留空用默认地址 ", "留空用网关的默认地址"],
    ["zh-HK", "取消", "留空則用預設地址 ", "留空則用網關的預設地址"],
    ["en", "Cancel", "Empty: ", "Empty: the gateway's usual address"],
  ] as const)(
    "name no usual address of a region that was not saved, or behind one of the account's own (%s)",
    async (language, cancel, named, unnamed) => {
      const [called, own] = ["https://api.au.blueoceanpay.com", "https://pay.example.com"];
      const fields = { appid: "1000258", region: "au" };
      const pier = { ...harbour, id: "pier", name: "pier", base_url: called, fields };
      const accounts = [{ ...pier, id: "quay", name: "quay", base_url: own, own_base_url: own }, pier];
      const { user } = await open({ accounts, settings: { language } });
      const says = (text: string) =>
        waitFor(() => expect(screen.getByTestId("field-base_url")).toHaveAccessibleDescription(text));
      const leave = () => user.click(screen.getByRole("button", { name: cancel }));
      await user.click(screen.getByTestId("rail-settings"));
      await user.click(await screen.findByTestId("settings-accounts"));
      await user.click(screen.getByTestId("edit-quay"));
      await says(unnamed);
      await leave();
      await user.click(await screen.findByTestId("edit-pier"));
      await says(`${named}${called}`);
      await user.selectOptions(screen.getByTestId("field-region"), "us");
      await says(unnamed);
      await leave();
      await user.click(await screen.findByTestId("add-account"));
      await user.selectOptions(await screen.findByTestId("field-gateway"), "blueocean");
      await says(`${named}https://api.hk.blueoceanpay.com`);
      await user.selectOptions(screen.getByTestId("field-region"), "au");
      await says(unnamed);
    },
  );

  it("take no pasted key that the browser would join or cut, and say so", async () => {
    const { user } = await open();
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    await user.click(screen.getByTestId("edit-main"));
    const box = await screen.findByTestId<HTMLInputElement>("secret-key");
    await user.click(box);
    await user.paste("0123abcd\n4567efgh");
    expect(await screen.findByText(/不能这样保存：里面有换行或其他控制字符/)).toBeVisible();
    await user.paste("x".repeat(box.maxLength + 1));
    expect(await screen.findByText(/太长，或含有网关不接受的字符/)).toBeVisible();
    expect(box).toHaveValue("");
    await user.paste("0123abcd4567efgh");
    expect(box).toHaveValue("0123abcd4567efgh");
  });

  it("say that training keeps its keys in a file", async () => {
    const { user, till } = await open();
    till.accounts = till.accounts.map((account) => ({ ...account, mark: "training" as const }));
    till.recover(null);
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    await user.click(screen.getByTestId("edit-main"));
    const hint = await screen.findByTestId("secret-hint-key");
    expect(hint).toHaveTextContent("已存在练习的文件里，…a1b2");
    expect(hint).not.toHaveTextContent("密钥环");
  });
});
