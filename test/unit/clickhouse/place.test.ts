/** MESH_CLICKHOUSE_URL as people write it. */
import { describe, expect, it } from "vitest";
import { placeOfUrl } from "../../../src/clickhouse/place.ts";

describe("MESH_CLICKHOUSE_URL", () => {
  it("gives a place without credentials in its address, and our own database by default", () => {
    const login = { user: "us er", password: "p%ss" };
    expect(placeOfUrl("https://us%20er:p%25ss@host:8443/")).toEqual({
      place: {
        url: "https://host:8443",
        database: "mesh",
        writer: login,
        reader: login,
        isReaderLimited: false,
      },
    });
    expect(placeOfUrl("http://host:8123/other")).toMatchObject({
      place: { database: "other", writer: { user: "default", password: "" } },
    });
  });

  it("is refused in a sentence when it cannot be read, and the password is not in it", () => {
    const refused = ["host:8123", "http://host/no-name", "http://me:p%ss@host:8123"].map(placeOfUrl);
    expect(refused).toMatchObject([
      { reason: "refused", detail: "MESH_CLICKHOUSE_URL is not an http:// or https:// URL" },
      { reason: "refused", detail: expect.stringContaining('"no-name"') as string },
      { reason: "refused", hint: "write %25 for %" },
    ]);
    expect(JSON.stringify(refused)).not.toContain("p%ss");
  });
});
