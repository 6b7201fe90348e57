/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Report } from '../../reports/contract.ts'
import { quantityText, ticksTo, timeTicks } from './quantities.ts'

/**
 * The series of a report, drawn: lines over time, told apart by colour and dashes, thresholds
 * across. Where scripts run, uPlot draws the same figures so that they can be zoomed into.
 */

const width = 1000
const height = 300
const left = 92
const bottom = 26
const top = 10
const seriesColours = 8
/** Points of a line past which a place is a whole number: they are closer than lines are wide. */
const manyPoints = 150

interface Scale {
  readonly x: (ms: number) => number
  readonly y: (value: number) => number
}

function pathOf(
  values: readonly (number | null)[],
  times: readonly number[],
  scale: Scale
): string {
  let isDown = false
  const parts: string[] = []
  const digits = values.length > manyPoints ? 0 : 1
  values.forEach((value, i) => {
    if (value === null) {
      isDown = false
      return
    }
    const x = scale.x(times[i] ?? 0).toFixed(digits)
    const y = scale.y(value).toFixed(digits)
    parts.push(`${isDown ? 'L' : 'M'}${x} ${y}`)
    // A value alone between gaps is a dot.
    if (!isDown && (values[i + 1] ?? null) === null) parts.push('h1')
    isDown = true
  })
  return parts.join('')
}

function highestOf({ series, thresholds }: Report): number {
  let highest = 0
  for (const { values } of series) {
    for (const value of values) if (value !== null && value > highest) highest = value
  }
  for (const { value } of thresholds) if (value > highest) highest = value
  return highest
}

const classOf = (i: number): string => `series-${(i % seriesColours) + 1}`

function Legend({ report }: { report: Report }) {
  return (
    <ul class="legend">
      {report.series.map(({ name, is_rest: isRest }, i) => (
        <li>
          <svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true">
            <path d="M0 4h24" class={`line ${classOf(i)}`} />
          </svg>{' '}
          {name === '' ? report.title : name}
          {isRest ? ' (all others)' : ''}
        </li>
      ))}
      {report.thresholds.map(({ name, value }) => (
        <li>
          <svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true">
            <path d="M0 4h24" class="threshold" />
          </svg>{' '}
          {name}: {quantityText(value, report.unit)}
        </li>
      ))}
    </ul>
  )
}

function Axes({ report, scale, ticks }: { report: Report; scale: Scale; ticks: number[] }) {
  const marks = timeTicks(Date.parse(report.from), Date.parse(report.to))
  return (
    <>
      {ticks.map((value) => (
        <>
          <path d={`M${left} ${scale.y(value).toFixed(1)}H${width}`} class="grid" />
          <text x={left - 8} y={scale.y(value) + 4} text-anchor="end">
            {quantityText(value, report.unit)}
          </text>
        </>
      ))}
      {marks.map(({ ms, text }) => (
        <text
          x={scale.x(ms)}
          y={height - 6}
          text-anchor={scale.x(ms) > width - 40 ? 'end' : 'middle'}
        >
          {text}
        </text>
      ))}
    </>
  )
}

/** What a line shows, and half of the octets of all digits. */
const drawn = (value: number | null): number | null =>
  value === null ? null : Number(value.toPrecision(4))

/** What uPlot draws: times in seconds, then the values of each series. */
function plotData({ times, series, thresholds, unit, title }: Report): string {
  return JSON.stringify({
    title,
    unit,
    times: times.map((time) => Date.parse(time) / 1000),
    series: series.map(({ name, values }) => ({
      name: name === '' ? title : name,
      values: values.map(drawn),
    })),
    thresholds,
  })
}

export function Plot({ report }: { report: Report }) {
  const times = report.times.map((time) => Date.parse(time))
  const from = Date.parse(report.from)
  const to = Math.max(Date.parse(report.to), from + 1)
  const ticks = ticksTo(highestOf(report))
  const most = ticks.at(-1) ?? 1
  const scale: Scale = {
    x: (ms) => left + ((ms - from) / (to - from)) * (width - left - 4),
    y: (value) => top + (1 - value / most) * (height - top - bottom),
  }
  const { title, series } = report
  const words = `${title}: ${series.length} series from ${report.from} to ${report.to}`
  return (
    <figure class="plot" data-plot={plotData(report)}>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={words}>
        <Axes report={report} scale={scale} ticks={ticks} />
        {report.series.map(({ values }, i) => (
          <path d={pathOf(values, times, scale)} class={`line ${classOf(i)}`} />
        ))}
        {report.thresholds.map(({ value }) => (
          <path d={`M${left} ${scale.y(value).toFixed(1)}H${width}`} class="threshold" />
        ))}
      </svg>
      <Legend report={report} />
    </figure>
  )
}
