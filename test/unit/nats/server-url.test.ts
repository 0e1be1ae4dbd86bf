import { describe, expect, it } from "vitest";
import { loginIn, serversIn } from "../../../src/domain/server-url.ts";

describe("the login in an address", () => {
  it("is a user with a password, or a token alone", () => {
    expect(loginIn("nats://ada:s%40fe@hub:4222")).toEqual({ user: "ada", pass: "s@fe" });
    expect(loginIn("nats://ada:@hub")).toEqual({ user: "ada", pass: "" });
    expect(loginIn("tls://s3cret@hub:4222,tls://s3cret@hub2")).toEqual({ token: "s3cret" });
    expect(loginIn("nats://100%@hub")).toEqual({ token: "100%" });
  });

  it("is that of any address of a list, up to the last @, also without a scheme", () => {
    expect(loginIn("nats://hub:4222,nats://ada:pw@hub2:4222")).toEqual({ user: "ada", pass: "pw" });
    expect(loginIn("ada:pw@hub:4222")).toEqual({ user: "ada", pass: "pw" });
    expect(loginIn("nats://ada:s@fe@hub")).toEqual({ user: "ada", pass: "s@fe" });
    expect(loginIn("nats://ada:a@hub, nats://bob:b@hub2")).toBeUndefined();
    expect(serversIn("nats://ada:s@fe@hub, hub2:4222")).toEqual(["nats://hub", "hub2:4222"]);
  });

  it("is none where there is no userinfo", () => {
    expect(loginIn("nats://hub:4222")).toEqual({});
    expect(loginIn("hub")).toEqual({});
  });
});
