/**
 * Numbers as the live view shows them: three digits that matter, so that columns keep their width while values move. No
 * locale. The summary has its own, exact figures (src/domain/summary/figures.ts).
 */

/** `1234567` as `1,234,567`. */
export const countFigure = (value: number): string =>
  String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ",");

/** Events per second. */
export function rateFigure(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)}M/s`;
  return `${perSecond >= 999.95 ? countFigure(perSecond) : perSecond.toFixed(1)}/s`;
}

/** A time in µs, with the unit that fits. */
export function timeFigure(us: number): string {
  if (us < 999.5) return `${Math.round(us)}µs`;
  if (us < 999_500) return `${threeDigits(us / 1e3)}ms`;
  return us < 99.95e6 ? `${threeDigits(us / 1e6)}s` : `${Math.round(us / 1e6)}s`;
}

const threeDigits = (value: number): string => value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);

/** A share of 1 as a percentage; what is not 0 does not look like 0, what is not all does not look like all. */
export function shareFigure(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent}%`;
  if (percent < 100) return `${Math.min(99.99, Math.max(0.01, percent)).toFixed(2)}%`;
  return `${percent.toFixed(percent < 1000 ? 1 : 0)}%`;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** `1:05`, `1:00:05`. */
export function clockFigure(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours === 0 ? `${minutes}:${two(seconds % 60)}` : `${hours}:${two(minutes)}:${two(seconds % 60)}`;
}

/** Memory. */
export const memoryFigure = (kb: number): string =>
  kb < 999_500 ? `${Math.round(kb / 1000)}MB` : `${(kb / 1e6).toFixed(1)}GB`;
