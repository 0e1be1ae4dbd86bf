/** A pid to send signals to. One that is missing must never become -1: a signal to that goes to every process there is. */
export function pidOf(process: { readonly pid?: number | undefined } | undefined): number {
  if (process?.pid === undefined)
    throw new Error("there is no such process: it was not started, or not found");
  return process.pid;
}
