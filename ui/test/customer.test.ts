import { render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, it, vi } from "vitest";
import Customer from "../src/customer/Customer.svelte";
import { type Picture, Showing } from "../src/customer/window.svelte.ts";
import { picture as qr } from "../src/host/fake/order.ts";

const sale: Picture = {
  language: "zh-HK",
  theme: "light",
  shop_name: "示例便利店",
  state: "qr",
  amount: "12.50",
  currency: "CNY",
  wallet: "wechat",
  qr: qr("weixin://wxpay/bizpayurl?pr=AbCdEf"),
  expires_in_ms: 264_000,
  lasts_ms: 300_000,
  training: false,
  mark: null,
};

describe("the customer's window", () => {
  it("is blank until it is told what to show", () => {
    render(Customer, { props: { shown: new Showing() } });
    expect(screen.getByTestId("customer")).toHaveAttribute("data-state", "blank");
    expect(screen.queryByTestId("qr")).toBeNull();
  });

  it("shows amount, code and time left, then the result, in the customer's language", async () => {
    // No time passes between showing and looking.
    vi.spyOn(performance, "now").mockReturnValue(0);
    const shown = new Showing();
    render(Customer, { props: { shown } });
    shown.show(sale);
    await tick();
    expect(screen.getByTestId("qr")).toBeVisible();
    expect(screen.getByTestId("customer")).toHaveTextContent("請用微信支付掃一掃");
    expect(screen.getByTestId("customer")).toHaveTextContent("尚餘 4:24");
    shown.show({ ...sale, state: "confirm", qr: null });
    await tick();
    expect(screen.getByTestId("customer")).toHaveTextContent("請在手機上確認付款");
    shown.show({ ...sale, state: "paid", qr: null });
    await tick();
    expect(screen.queryByTestId("qr")).toBeNull();
    expect(screen.getByTestId("customer")).toHaveTextContent("已付款");
    shown.show({ ...sale, state: "blank", qr: null });
    await tick();
    expect(screen.getByTestId("customer")).not.toHaveTextContent("12.50");
  });

  it("names the wallet that scans the code, and none where several can", async () => {
    const shown = new Showing();
    render(Customer, { props: { shown } });
    shown.show({ ...sale, language: "zh-CN", wallet: "alipay" });
    await tick();
    await vi.waitFor(() => expect(screen.getByTestId("customer")).toHaveTextContent("请用支付宝扫一扫"));
    shown.show({ ...sale, language: "zh-CN", wallet: "other" });
    await tick();
    expect(screen.getByTestId("customer")).toHaveTextContent("请扫码付款");
    expect(screen.getByTestId("customer")).not.toHaveTextContent("其他");
  });

  it("does not say of a code that was taken back that nobody can pay it", async () => {
    const shown = new Showing();
    render(Customer, { props: { shown } });
    shown.show({ ...sale, state: "withdrawn", qr: null });
    await tick();
    expect(screen.queryByTestId("qr")).toBeNull();
    expect(screen.getByTestId("customer")).toHaveTextContent("如已付款，請告訴收銀員");
    expect(screen.getByTestId("customer")).not.toHaveTextContent("已不能付款");
    shown.show({ ...sale, state: "ended", qr: null });
    await tick();
    expect(screen.getByTestId("customer")).toHaveTextContent("已不能付款");
  });

  it("says that this is training", async () => {
    const shown = new Showing();
    render(Customer, { props: { shown } });
    shown.show({ ...sale, training: true });
    await tick();
    expect(screen.getByTestId("customer")).toHaveTextContent("練習模式");
  });

  it("says that an order is at no real gateway", async () => {
    const shown = new Showing();
    render(Customer, { props: { shown } });
    shown.show({ ...sale, state: "paid", qr: null });
    await tick();
    expect(screen.getByTestId("customer")).not.toHaveTextContent("並非真實網關");
    shown.show({ ...sale, state: "paid", qr: null, mark: "not_a_real_gateway" });
    await tick();
    expect(screen.getByTestId("customer")).toHaveTextContent("並非真實網關");
  });
});
