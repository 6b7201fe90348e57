/** A time relative to now, as look-ups take it: `-90s`, `-15m`, `-2h`, `-1d`. */
const relativeTime = /^-\d+(\.\d+)?(us|ms|s|m|h|d)$/

/**
 * Lets a relative time stand where any other time may: commander takes every word with a leading
 * dash for an option, but behind `--`. Words that already stand behind one stay where they are.
 */
export function shieldRelativeTimes(argv: readonly string[]): string[] {
  const end = argv.indexOf('--')
  const before = end < 0 ? argv : argv.slice(0, end)
  const behind = end < 0 ? [] : argv.slice(end + 1)
  const times = before.filter((word) => relativeTime.test(word))
  if (times.length === 0) return [...argv]
  return [...before.filter((word) => !relativeTime.test(word)), '--', ...times, ...behind]
}
