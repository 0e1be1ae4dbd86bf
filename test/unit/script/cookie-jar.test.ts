import { describe, expect, it } from "vitest";
import { CookieJar } from "../../../src/script/cookie-jar.ts";

const shop = new URL("https://www.shop.test/a/b");
const at = 1_000_000;

describe("a cookie jar", () => {
  it.each([
    ["id=1", "https://www.shop.test/a/c", "id=1"],
    ["id=1", "https://www.shop.test/other", undefined],
    ["id=1; Path=/", "https://www.shop.test/other", "id=1"],
    ["id=1; Path=/a", "https://www.shop.test/ab", undefined],
    ["id=1; Path=/", "https://api.shop.test/", undefined],
    ["id=1; Path=/; Domain=shop.test", "https://api.shop.test/", "id=1"],
    ["id=1; Path=/; Domain=.shop.test", "https://shop.test/", "id=1"],
    ["id=1; Path=/; Domain=other.test", "https://other.test/", undefined],
    ["id=1; Path=/; Domain=test", "https://api.test/", undefined],
    ["id=1; Path=/; Secure", "http://www.shop.test/", undefined],
    ["id=1; Path=/; Max-Age=0", "https://www.shop.test/", undefined],
    ["id=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "https://www.shop.test/", undefined],
    ["=1; Path=/", "https://www.shop.test/", undefined],
  ])("that keeps %s sends to %s: %s", (header, url, sent) => {
    const jar = new CookieJar();
    jar.keep(header, shop, at);
    expect(jar.headerFor(new URL(url), undefined, at)).toBe(sent);
  });

  it("sends longer paths first, then a request's own cookies, which may replace kept ones", () => {
    const jar = new CookieJar();
    jar.keep("root=1; Path=/", shop, at);
    jar.keep("deep=2; Path=/a/b", shop, at);
    expect(jar.headerFor(shop, { root: "mine" }, at)).toBe("deep=2; root=1; root=mine");
    expect(jar.headerFor(shop, { root: { value: "mine", replace: true } }, at)).toBe("deep=2; root=mine");
    expect(jar.headerFor(shop, undefined, at)).toBe("deep=2; root=1");
  });

  it("forgets a cookie that is set again in the past", () => {
    const jar = new CookieJar();
    jar.keep("id=1", shop, at);
    jar.keep("id=; Max-Age=0", shop, at);
    expect(jar.isEmpty).toBe(true);
  });
});
