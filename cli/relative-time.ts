/** A time relative to now, as look-ups take it: `-90s`, `-15m`, `-2h`, `-1d`. */
const relativeTime = /^-\d+(\.\d+)?(us|ms|s|m|h|d)$/

/** Options whose value is a time. */
const timeOption = /^--(?:from|to|at)$/

/** `--from -1h` is `--from=-1h`. */
function joinToOptions(argv: readonly string[]): string[] {
  const out: string[] = []
  for (const word of argv) {
    const last = out.at(-1)
    const isValue = relativeTime.test(word) && last !== undefined && timeOption.test(last)
    if (isValue) out[out.length - 1] = `${last}=${word}`
    else out.push(word)
  }
  return out
}

/**
 * Lets a relative time stand where any other time may: commander takes every word with a leading
 * dash for an option, but behind `--`. Words that already stand behind one stay where they are.
 */
export function shieldRelativeTimes(argv: readonly string[]): string[] {
  const end = argv.indexOf('--')
  const before = joinToOptions(end < 0 ? argv : argv.slice(0, end))
  const behind = end < 0 ? [] : argv.slice(end + 1)
  const times = before.filter((word) => relativeTime.test(word))
  if (times.length === 0) return end < 0 ? before : [...before, '--', ...behind]
  return [...before.filter((word) => !relativeTime.test(word)), '--', ...times, ...behind]
}
