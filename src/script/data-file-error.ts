/** Something is wrong with a file that a script reads: what, and where in the file, as far as that is known. */
export class DataFileError extends Error {
  override name = "DataFileError";
  /** In the data file: line and column from 1. Without it the place is the script's call. */
  readonly at: { readonly file: string; readonly line: number; readonly column: number } | undefined;
  constructor(message: string, at?: DataFileError["at"]) {
    super(message);
    this.at = at;
  }
}
