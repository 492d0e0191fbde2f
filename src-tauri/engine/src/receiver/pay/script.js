"use strict";

// Without this script the button that asks is a form of its own. Nothing here decides anything: what the page shows comes
// from the till, which asks the gateway.
(() => {
  const order = document.getElementById("order");
  if (order === null) return;
  const state = order.dataset.state;
  const check = document.getElementById("check");
  const pay = document.getElementById("pay");
  const hint = document.getElementById("hint");
  // What ended unpaid may be paid late: such a page goes on looking until its link leads nowhere.
  const over = ["paid", "given_back"];
  // Where the till knows how it came out, what a wallet said of it is no help.
  const settled = [...over, "ended"];

  function say(word, more) {
    hint.textContent = more ? `${pay.dataset[word]} ${more}` : pay.dataset[word];
    hint.dataset.word = word;
    hint.hidden = false;
  }

  async function look(method) {
    let next = null;
    try {
      const answer = await fetch(state, { method, cache: "no-store", credentials: "omit" });
      if (answer.status === 404) return location.reload();
      next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("outcome");
    } catch {
      next = null;
    }
    document.getElementById("offline").hidden = next !== null;
    if (next === null) return;
    order.dataset.standing = next.dataset.standing;
    if (settled.includes(next.dataset.standing)) hint.hidden = true;
    const shown = document.getElementById("outcome");
    if (shown.outerHTML !== next.outerHTML) shown.replaceWith(document.adoptNode(next));
  }

  async function ask() {
    check.disabled = true;
    await look("POST");
    check.disabled = false;
  }

  check.form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });

  async function keepFresh() {
    if (!document.hidden) await look("GET");
    if (!over.includes(order.dataset.standing)) setTimeout(keepFresh, 3000);
  }
  if (!over.includes(order.dataset.standing)) setTimeout(keepFresh, 3000);

  // A page that comes back out of the browser's memory may show what no longer holds.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  if (pay === null) return;

  function told(word, more) {
    say(word, more);
    ask();
  }

  // While a bridge was waited for the order may have ended: then nothing opens the wallet.
  const isSettled = () => settled.includes(order.dataset.standing);
  let asksWechat = false;

  const ofAlipay = { 9000: "ok", 8000: "pending", 4000: "failed", 6001: "cancelled", 6002: "network", 99: "left" };
  const ofWechat = { ok: "ok", cancel: "cancelled", fail: "failed" };
  const bridges = {
    qq: {
      found: () => window.mqq?.tenpay,
      call: (tenpay, given) =>
        tenpay.pay(given, (result) => {
          const code = result?.resultCode ?? null;
          if (code === null) told("other");
          else if (String(code) === "0") told("ok");
          else told("failed", String(result.retmsg ?? code));
        }),
    },
    alipay: {
      found: () => window.AlipayJSBridge,
      call: (bridge, given) =>
        bridge.call("tradePay", given, (result) => told(ofAlipay[String(result?.resultCode)] ?? "other")),
    },
    wechat: {
      found: () => window.WeixinJSBridge,
      call: (bridge, given) =>
        bridge.invoke("getBrandWCPayRequest", given, (result) => {
          const word = String(result?.err_msg).split(":")[1];
          told(ofWechat[word] ?? "other");
        }),
    },
    hong_kong: {
      found: () => window.wx,
      call: async (wx, given) => {
        // WeChat may take its time: whoever presses again meanwhile wants no second sheet.
        if (asksWechat) return;
        asksWechat = true;
        try {
          await accepted(wx);
        } catch {
          return told("unaccepted");
        } finally {
          asksWechat = false;
        }
        if (isSettled()) return;
        wx.invoke("getH5PrepayRequest", given, (result) => {
          const said = String(result?.errMsg || result?.err_msg || "");
          if (/\bok\b/i.test(said)) told("ok");
          else if (/cancel/i.test(said)) told("cancelled");
          else told(said ? "failed" : "other");
        });
      },
    },
  };

  // WeChat looks at the page's signature once; `beta` brings `invoke`. After a refusal it tells `ready` as well.
  let acceptance = null;
  function accepted(wx) {
    acceptance ??= new Promise((yes, no) => {
      wx.config({
        beta: true,
        debug: false,
        ...JSON.parse(pay.dataset.signature),
        jsApiList: ["getH5PrepayRequest"],
      });
      wx.error(no);
      wx.ready(yes);
    });
    return acceptance;
  }

  // An app may bring its bridge some time after the page.
  async function found(bridge) {
    for (let tries = 0; tries < 30; tries += 1) {
      const there = bridge.found();
      if (there) return there;
      await new Promise((wake) => setTimeout(wake, 100));
    }
    return null;
  }

  pay.addEventListener("click", async () => {
    pay.disabled = true;
    say("begun");
    // An old app never answers: the button comes back, and the other one asks.
    setTimeout(() => {
      pay.disabled = false;
      if (hint.dataset.word === "begun") hint.hidden = true;
    }, 3000);
    const bridge = bridges[pay.dataset.bridge];
    const there = await found(bridge);
    if (there === null) return told("absent");
    if (isSettled()) return;
    try {
      await bridge.call(there, JSON.parse(pay.dataset.arguments));
    } catch {
      told("other");
    }
  });
})();
