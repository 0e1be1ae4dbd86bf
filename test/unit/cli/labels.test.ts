import { describe, expect, it } from "vitest";
import { ciLabels, readLabels } from "../../../src/cli/run/labels.ts";

describe("labels", () => {
  it("are pairs, and may hold an equals sign", () => {
    expect(readLabels(["ticket=SHOP-7", "query=a=b", "git_branch="])).toEqual({
      ticket: "SHOP-7",
      query: "a=b",
      git_branch: "",
    });
    expect(() => readLabels(["ticket"])).toThrow(`the label "ticket" has no value`);
    expect(() => readLabels(["=7"])).toThrow(`the label "=7" has no name`);
  });
});

describe("a CI job", () => {
  it("is known by what its service says of itself", () => {
    const github = {
      GITHUB_ACTIONS: "true",
      GITHUB_SERVER_URL: "https://github.example",
      GITHUB_REPOSITORY: "shop/web",
      GITHUB_RUN_ID: "42",
      GITHUB_SHA: "abc",
      GITHUB_REF_NAME: "7/merge",
      GITHUB_HEAD_REF: "faster",
    };
    expect(ciLabels(github)).toEqual({
      ci: "github",
      ci_url: "https://github.example/shop/web/actions/runs/42",
      git_commit: "abc",
      git_branch: "faster",
    });
    expect(ciLabels({ GITLAB_CI: "true", CI_JOB_URL: "u", CI_COMMIT_SHA: "c" })).toMatchObject({
      ci: "gitlab",
      ci_url: "u",
      git_commit: "c",
    });
    expect(ciLabels({ JENKINS_URL: "j", BUILD_URL: "b", GIT_BRANCH: "main" })).toMatchObject({
      ci: "jenkins",
      ci_url: "b",
      git_branch: "main",
    });
    expect(ciLabels({ CI: "1" })).toEqual({ ci: "true" });
  });

  it("is none where nothing says so", () => {
    expect(ciLabels({})).toEqual({});
    expect(ciLabels({ CI: "false" })).toEqual({});
  });
});
