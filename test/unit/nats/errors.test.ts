/** Words of errors that come from a server. */
import { describe, expect, it } from "vitest";
import { ApiError, toServerError } from "../../../src/nats/nats-errors.ts";

describe("an error of a server", () => {
  it("that has no room for a stream says what to do, and may pass", () => {
    const error = new ApiError(10047, "insufficient storage resources available");
    const { detail, reason } = toServerError("provision", "MESH_Z_a_INTERVALS", error);
    expect(reason).toBe("unavailable");
    expect(detail).toMatch(/^insufficient storage resources available: .*make room.*max_file_store/);
  });
});
