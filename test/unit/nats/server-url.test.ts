import { describe, expect, it } from "vitest";
import { loginIn } from "../../../src/domain/server-url.ts";

describe("the login in an address", () => {
  it("is a user with a password, or a token alone", () => {
    expect(loginIn("nats://ada:s%40fe@hub:4222")).toEqual({ user: "ada", pass: "s@fe" });
    expect(loginIn("nats://ada:@hub")).toEqual({ user: "ada", pass: "" });
    expect(loginIn("tls://s3cret@hub:4222,tls://s3cret@hub2")).toEqual({ token: "s3cret" });
    expect(loginIn("nats://100%@hub")).toEqual({ token: "100%" });
  });

  it("is none where there is no userinfo", () => {
    expect(loginIn("nats://hub:4222")).toEqual({});
    expect(loginIn("hub")).toEqual({});
  });
});
