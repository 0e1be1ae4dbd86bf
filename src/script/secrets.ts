/** k6's `secrets`, for one VU: values that were given by reference and that Mesh shows nowhere. */
import type { Loadmesh } from "./api.ts";
import type { VuState } from "./vu-state.ts";

export function secretsOf(vu: VuState): Loadmesh["secrets"] {
  return {
    get: async (name) => {
      vu.needRun("secrets.get");
      const value = vu.settings.secrets?.[name];
      if (value !== undefined) return value;
      throw new Error(`there is no secret "${name}": start the run with --secret ${name}`);
    },
  };
}
