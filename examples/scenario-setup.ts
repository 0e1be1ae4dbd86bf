/**
 * A scenario with a `setup` and a `teardown` of its own: each runs once for the whole run, on one machine, and what the
 * setup returns reaches the iterations of that scenario alone. `visitors` needs no login, so it gets none.
 *
 *     mesh run examples/scenario-setup.ts --zones eu,us --agents 2
 */
import { check, http, type Options } from "loadmesh";

export const options: Options = {
  scenarios: {
    visitors: { executor: "per-vu-iterations", exec: "look", vus: 4, iterations: 10 },
    buyers: {
      executor: "shared-iterations",
      exec: "buy",
      setup: "logIn",
      teardown: "logOut",
      vus: 2,
      iterations: 30,
    },
  },
  thresholds: { checks: ["rate==1"], "iterations{scenario:buyers}": ["count==30"] },
  ext: { mesh: { target: "targets/shop.ts" } },
};

interface Session {
  headers: Record<string, string>;
}

const shop = __ENV["TARGET_URL"] ?? "http://127.0.0.1:8080";

export async function logIn(): Promise<Session> {
  const login = await http.post(`${shop}/login`, { user: "ada" });
  return { headers: { Authorization: `Bearer ${login.json("token")}` } };
}

export async function look(): Promise<void> {
  const page = await http.get(`${shop}/products`);
  check(page, { "the products are there": ({ status }) => status === 200 });
}

export async function buy(session: Session): Promise<void> {
  const placed = await http.post(`${shop}/orders`, JSON.stringify({ id: 1 }), session);
  check(placed, { "the order is accepted": ({ status }) => status === 201 });
}

export async function logOut(session: Session): Promise<void> {
  await http.post(`${shop}/logout`, null, session);
}
