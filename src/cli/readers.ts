/**
 * What it means when our output cannot be written. A reader that leaves, as in `mesh … | head`, is no error: a command that only
 * tells something has nobody left to tell and ends; a run goes on to its verdict, which is its exit code. A full disk is
 * told once; what a run decided still stands.
 */
let endsWithReader = true;

/** Nobody holds the other end: of a pipe, of a terminal. */
const GONE = new Set(["EPIPE", "EIO"]);

/** Called once, before any output. Nothing that is said on stderr is worth ending for. */
export function watchReaders(): void {
  let isTold = false;
  // Before oclif's own listener, which forgives EPIPE and throws the rest.
  process.stdout.prependListener("error", (error: NodeJS.ErrnoException) => {
    const isGone = GONE.has(error.code ?? "");
    if (!isGone && !isTold) tell(error.code ?? error.message);
    isTold = true;
    error.code = "EPIPE";
    if (endsWithReader) process.exit(isGone ? (process.exitCode ?? 0) : 1);
  });
  process.stderr.on("error", () => undefined);
}

function tell(why: string): void {
  const what = `mesh: cannot write to standard output (${why})`;
  process.stderr.write(
    `${what}\n      make room, or write elsewhere; mesh attach RUN shows a run's summary again\n`,
  );
}

/** From now on this command goes on with nobody reading. */
export function outliveReaders(): void {
  endsWithReader = false;
}
