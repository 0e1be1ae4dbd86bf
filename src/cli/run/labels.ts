/**
 * The labels of a run: those of the config file, `MESH_RUN_LABEL` and `--label`, on top of what can be seen of the commit
 * and the CI job that it runs in. A machine without git, or a folder without a repository, just has none of these.
 */
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { LABEL_VALUE_MAX } from "../../domain/plan/labels.ts";
import { exitCode, Failure } from "../exit-codes.ts";

export type Labels = Readonly<Record<string, string>>;

const GIT_WITHIN_MS = 1000;

/** `key=value` each; a key with nothing behind `=` takes a label away. */
export function readLabels(given: readonly string[]): Labels {
  return Object.fromEntries(
    given.map((each) => {
      const at = each.indexOf("=");
      if (at > 0) return [each.slice(0, at), each.slice(at + 1)];
      const lacks = at === 0 ? "name" : "value";
      const hint = "write --label key=value (or MESH_RUN_LABEL=key=value,…)";
      throw new Failure(exitCode.usage, "Usage", `the label ${JSON.stringify(each)} has no ${lacks}`, hint);
    }),
  );
}

/** Given labels win over those that were found; empty ones are left out. */
export async function labelsOf(script: string, given: Labels): Promise<Labels> {
  // A CI service that does not know its commit says nothing about the one that git found.
  const found = { ...(await gitLabels(dirname(script))), ...filled(ciLabels(process.env)) };
  const bounded = Object.entries(found).map(([name, value]) => [name, value.slice(0, LABEL_VALUE_MAX)]);
  const all = { ...(Object.fromEntries(bounded) as Labels), ...given };
  return filled(all);
}

const filled = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""));

/** The commit of the script's repository; `git_dirty` where files differ from it. */
async function gitLabels(folder: string): Promise<Labels> {
  const git = async (...args: readonly string[]): Promise<string> => {
    const words = ["--no-optional-locks", "-C", folder, ...args];
    const answer = promisify(execFile)("git", words, { timeout: GIT_WITHIN_MS });
    return answer.then(({ stdout }) => stdout.trim()).catch(() => "");
  };
  const [commit, branch, changed] = await Promise.all([
    git("rev-parse", "HEAD"),
    git("rev-parse", "--abbrev-ref", "HEAD"),
    git("status", "--porcelain", "--untracked-files=no"),
  ]);
  const dirty = changed === "" ? "" : "true";
  return { git_commit: commit, git_branch: branch === "HEAD" ? "" : branch, git_dirty: dirty };
}

/** What the large CI services say of themselves; any other is just CI. */
export function ciLabels(env: Readonly<Record<string, string | undefined>>): Labels {
  const of = (name: string) => env[name] ?? "";
  if (of("GITHUB_ACTIONS") === "true") {
    const url = `${of("GITHUB_SERVER_URL")}/${of("GITHUB_REPOSITORY")}/actions/runs/${of("GITHUB_RUN_ID")}`;
    const branch = of("GITHUB_HEAD_REF") || of("GITHUB_REF_NAME");
    return { ci: "github", ci_url: url, git_commit: of("GITHUB_SHA"), git_branch: branch };
  }
  if (of("GITLAB_CI") === "true") {
    const url = of("CI_JOB_URL");
    return {
      ci: "gitlab",
      ci_url: url,
      git_commit: of("CI_COMMIT_SHA"),
      git_branch: of("CI_COMMIT_REF_NAME"),
    };
  }
  if (of("JENKINS_URL") !== "") {
    const branch = of("BRANCH_NAME") || of("GIT_BRANCH");
    return { ci: "jenkins", ci_url: of("BUILD_URL"), git_commit: of("GIT_COMMIT"), git_branch: branch };
  }
  return ["", "false", "0"].includes(of("CI")) ? {} : { ci: "true" };
}
