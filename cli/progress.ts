/** How far a long command is: what is counted, and octets of the whole where they are known. */
export interface Progress {
  readonly lines: number
  readonly bytes: number
  /** 0 where nobody knows how much there is. */
  readonly bytesTotal: number
}

/** How often progress is shown: on a terminal the line is written over, elsewhere each is kept. */
const terminalMs = 250
const logMs = 10_000

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  const rest = Math.ceil(seconds % 60)
  return minutes === 0 ? `${rest} s` : `${minutes} min ${rest} s`
}

/** `120000 lines, 310000/s, 42 %, 3 s left` after so many seconds. */
export function progressLine({ lines, bytes, bytesTotal }: Progress, seconds: number): string {
  const parts = [`${lines} lines`]
  if (seconds > 0) parts.push(`${Math.round(lines / seconds)}/s`)
  if (bytesTotal > 0) parts.push(`${Math.floor((100 * bytes) / bytesTotal)} %`)
  if (bytesTotal > bytes && bytes > 0 && seconds > 0) {
    parts.push(`${duration(((bytesTotal - bytes) * seconds) / bytes)} left`)
  }
  return parts.join(', ')
}

/** Takes progress as often as it comes, and shows it as often as it helps. */
export interface ProgressDisplay {
  readonly report: (progress: Progress) => void
  /** Leaves the terminal's line for what is printed next. */
  readonly end: () => void
}

/** Shows progress on stderr. */
export function showProgress(
  stream: NodeJS.WriteStream = process.stderr,
  nowMs: () => number = () => performance.now()
): ProgressDisplay {
  const startedMs = nowMs()
  const everyMs = stream.isTTY ? terminalMs : logMs
  let shownMs = startedMs
  let written = false
  return {
    report(progress) {
      const now = nowMs()
      if (now - shownMs < everyMs) return
      shownMs = now
      const line = progressLine(progress, (now - startedMs) / 1000)
      written = stream.isTTY
      stream.write(stream.isTTY ? `\r\u001b[K${line}` : `${line}\n`)
    },
    end() {
      if (written) stream.write('\r\u001b[K')
    },
  }
}
