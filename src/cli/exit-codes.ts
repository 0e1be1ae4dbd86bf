/**
 * The public table of exit codes (design section 12). Those of a run's verdict are decided in
 * `src/domain/run/verdict.ts`, because they stand in its log; the others are the command line's own.
 */
export const exitCode = {
  passed: 0,
  defect: 1,
  usage: 2,
  invalid: 97,
  thresholds: 99,
  setupTimedOut: 100,
  teardownTimedOut: 101,
  scriptInvalid: 104,
  stopped: 105,
  scriptThrew: 107,
  scriptAborted: 108,
  unreachable: 111,
  agents: 112,
  /** The terminal went away; a run on another mesh goes on. */
  hungUp: 129,
  interrupted: 130,
} as const;

/** An end that a person can act on: what was wrong, and the next step. Anything else is a defect. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exit: number;
  readonly code: string;
  readonly hint: string | undefined;
  constructor(exit: number, code: string, message: string, hint?: string) {
    super(message);
    this.exit = exit;
    this.code = code;
    this.hint = hint;
  }
}
