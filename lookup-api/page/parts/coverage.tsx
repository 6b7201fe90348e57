/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Zone } from '../../../model/time-zone.ts'
import type { AnswerCoverage } from '../../contract.ts'
import { durationText, utcText } from '../times.ts'
import { countText, Time } from './basics.tsx'

/**
 * What was watched over a window, drawn: a band that is whole where nothing was missed, hatched
 * where it was. The list below says the same in words.
 */

const width = 1000
const top = 10
const laneHeight = 18
const laneGap = 8
const spanGap = 12

interface CoverageProperties {
  readonly coverage: AnswerCoverage
  /** The window, RFC 3339. */
  readonly from: string
  readonly to: string
  /** The time asked for, marked. */
  readonly at?: string
  /** Connections that were found: a line each below the band. */
  readonly spans?: readonly { readonly label: string; readonly from: string; readonly to: string }[]
  /** A band for each of these, where they are told apart; left out: one for all together. */
  readonly sources?: readonly LaneSource[]
  readonly zone?: Zone | undefined
}

/** A source, and whether it ever watched. */
export interface LaneSource {
  readonly name: string
  readonly isWatching: boolean
}

interface Lane extends LaneSource {
  readonly gaps: AnswerCoverage['gaps']
}

function lanesOf({ gaps, state }: AnswerCoverage, sources: readonly LaneSource[] = []): Lane[] {
  if (sources.length === 0) return [{ name: '', isWatching: state !== 'none', gaps }]
  return sources.map((one) => ({ ...one, gaps: gaps.filter(({ source }) => source === one.name) }))
}

const states = {
  complete: 'Every source watched the whole window.',
  partial: 'Something may have been missed in this window.',
  none: 'Nothing was watched in this window.',
} as const

export function CoverageBar(properties: CoverageProperties) {
  const { coverage, at, spans = [], zone } = properties
  const from = Date.parse(properties.from)
  const to = Math.max(Date.parse(properties.to), from + 1)
  const margin = (to - from) * 0.06
  const x = (ms: number): number => {
    const share = (ms - from + margin) / (to - from + 2 * margin)
    return Math.round(Math.min(1, Math.max(0, share)) * width * 10) / 10
  }
  const lanes = lanesOf(coverage, properties.sources)
  const bottom = top + lanes.length * (laneHeight + laneGap)
  const total = bottom + spans.length * spanGap + 6
  const left = x(from)
  const right = x(to)
  return (
    <figure class="coverage">
      {properties.sources === undefined ? null : (
        <ul class="lanes" aria-hidden="true">
          {lanes.map(({ name }) => (
            <li>{name}</li>
          ))}
        </ul>
      )}
      <svg
        viewBox={`0 0 ${width} ${total}`}
        height={Math.max(44, total)}
        role="img"
        aria-label={`${states[coverage.state]} ${coverage.gaps.length} gaps.`}
        preserveAspectRatio="none"
      >
        <defs>
          <pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse">
            <path d="M-1 8 8 -1M-1 1 1 -1M6 8 8 6" class="hatch" />
          </pattern>
        </defs>
        {lanes.map((lane, i) => {
          const y = top + i * (laneHeight + laneGap)
          const box = { y, height: laneHeight }
          return (
            <>
              <rect
                {...box}
                x={left}
                width={right - left}
                class={lane.isWatching ? 'watched' : 'unwatched'}
              />
              {lane.gaps.map((gap) => {
                const start = Math.max(left, x(Date.parse(gap.from)))
                const wide = Math.max(2, Math.min(right, x(Date.parse(gap.to))) - start)
                return (
                  <g class="gap">
                    <title>{`${gap.source}: ${gap.reason}`}</title>
                    <rect {...box} x={start} width={wide} />
                    <rect {...box} x={start} width={wide} fill="url(#hatch)" />
                  </g>
                )
              })}
            </>
          )
        })}
        {spans.map((span, i) => (
          <line
            x1={x(Date.parse(span.from))}
            x2={Math.max(x(Date.parse(span.to)), x(Date.parse(span.from)) + 3)}
            y1={bottom + 4 + i * spanGap}
            y2={bottom + 4 + i * spanGap}
            class="span"
          >
            <title>{span.label}</title>
          </line>
        ))}
        {at === undefined ? null : (
          <line x1={x(Date.parse(at))} x2={x(Date.parse(at))} y1="4" y2={total} class="mark" />
        )}
      </svg>
      <div class="ends" aria-hidden="true">
        <span>{utcText(properties.from)}</span>
        <span>{utcText(properties.to)} UTC</span>
      </div>
      <figcaption>
        <p>
          <b class={`state ${coverage.state}`}>{coverage.state}</b> {states[coverage.state]}{' '}
          {coverage.watermark === null ? null : (
            <>
              Known up to <Time at={coverage.watermark} zone={zone} />.
            </>
          )}
        </p>
        <GapList coverage={coverage} zone={zone} />
      </figcaption>
    </figure>
  )
}

function GapList({ coverage, zone }: { coverage: AnswerCoverage; zone: Zone | undefined }) {
  if (coverage.gaps.length === 0) return null
  return (
    <ul class="gaps">
      {coverage.gaps.slice(0, 50).map(({ source, from, to, reason, lost }) => (
        <li>
          <b>{source}</b> {reason}: <Time at={from} zone={zone} /> to <Time at={to} zone={zone} /> (
          {durationText((Date.parse(to) - Date.parse(from)) / 1000)})
          {lost === null ? '' : `, ${countText(lost)} lost`}
        </li>
      ))}
    </ul>
  )
}
