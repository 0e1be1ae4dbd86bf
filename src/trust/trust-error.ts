/** What keeps keys or credentials from being made or used; the hint is the next step. */
export class TrustError extends Error {
  override readonly name = "TrustError";
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
