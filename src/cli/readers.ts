/**
 * What it means when the reader of our output leaves, as in `mesh … | head`. It is no error of ours: a command that only
 * tells something has nobody left to tell and ends; a run goes on to its verdict, which is its exit code.
 */
let endsWithReader = true;

/** Called once, before any output. Nothing that is said on stderr is worth ending for. */
export function watchReaders(): void {
  // Before oclif's own listener, which forgives EPIPE and throws the rest: a terminal that has gone away says EIO.
  process.stdout.prependListener("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EIO") error.code = "EPIPE";
    if (endsWithReader) process.exit(error.code === "EPIPE" ? (process.exitCode ?? 0) : 1);
  });
  process.stderr.on("error", () => undefined);
}

/** From now on this command goes on with nobody reading. */
export function outliveReaders(): void {
  endsWithReader = false;
}
