/** What a measurement found beside one peer, both in the same run and in turn. */
export interface Figure {
  /** The work that is measured, such as "conntrack events to disk". */
  readonly what: string
  /** Unit of the values, such as "us CPU an event". */
  readonly unit: string
  /** Which of two values is the better one. */
  readonly better: 'less' | 'more'
  /** One value a round. */
  readonly ours: readonly number[]
  /** The program beside it, as people name it. */
  readonly peer: string
  readonly theirs: readonly number[]
}

/** Prints a figure for whoever runs the suite: one line of JSON on stdout among whatever else. */
export function tellFigure(figure: Figure): void {
  process.stdout.write(`${JSON.stringify({ figure })}\n`)
}

/** The figures among the lines that a measurement printed. */
export function figuresIn(stdout: string): Figure[] {
  const lines = stdout.split('\n').filter((line) => line.startsWith('{"figure":'))
  return lines.map((line) => (JSON.parse(line) as { figure: Figure }).figure)
}
