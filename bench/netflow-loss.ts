import { setTimeout as sleep } from 'node:timers/promises'
import { blast, isHeld, measure, show, startDgram, startOurs } from './netflow-receivers.ts'
import type { Outcome, Receiver } from './netflow-receivers.ts'
import { median } from './process.ts'

/*
 * The highest rate without loss, ours and that of node's dgram, which only counts. What is done
 * with one is done with the other:
 *
 *   1. Warm: senders of 30 000, 60 000 and 100 000 datagrams/s, whatever is lost. V8 compiles for
 *      some seconds, and gives half of it up when the first new sender comes.
 *   2. Coarse: from 60 000/s upwards in steps of 1.25, each once, until one is not held.
 *   3. Fine: three times each, in turn, four halvings between a tenth below the last rate that was
 *      held and a tenth above the first that was not: the highest rate held, to within 3 %. Where
 *      none of these was held, downwards until one is.
 *
 * The figure is the ratio of the medians of 3. A rate is held where nothing was lost in as many
 * seconds as it is sent and the sender kept its pace; a sender that stood still is asked again,
 * since it shows nothing of who receives.
 */
const warmRates = [30_000, 60_000, 100_000] as const
const warmSeconds = 4
const coarseFrom = 60_000
const coarseStep = 1.25
const fineTries = 3
const halvings = 4
const fineSlack = 1.1
const sentSeconds = 1.5
/** How often a rate is sent anew where the sender did not keep its pace. */
const mostStalls = 2

/** Sends until the sender kept its pace, or something was lost, or it never will. */
async function holds(one: Receiver, rate: number): Promise<boolean> {
  for (let left = mostStalls; ; left--) {
    const outcome: Outcome = await measure(one, rate, sentSeconds, () => {})
    show(one.name, outcome)
    if (isHeld(outcome, rate)) return true
    if (left === 0 || outcome.received < outcome.sent) return false
    console.log('  not counted: not sent at the rate')
  }
}

async function warm(one: Receiver): Promise<void> {
  for (const rate of warmRates) await blast(one.port, rate, warmSeconds)
  await sleep(1000)
}

/** The highest rate of coarse steps that is held. */
async function coarse(one: Receiver): Promise<number> {
  let rate = coarseFrom
  while (rate > 1000 && !(await holds(one, rate))) rate /= coarseStep
  while (rate >= coarseFrom && (await holds(one, rate * coarseStep))) rate *= coarseStep
  return rate
}

/** The highest rate that is held, near where coarse steps found it. */
async function fine(one: Receiver, found: number): Promise<number> {
  const lowest = found / fineSlack
  let [held, lost] = [lowest, found * coarseStep * fineSlack]
  for (let i = 0; i < halvings; i++) {
    const middle = Math.sqrt(held * lost)
    if (await holds(one, middle)) held = middle
    else lost = middle
  }
  // Of where it began nobody knows yet.
  while (held <= lowest && held > 1000 && !(await holds(one, held))) held /= fineSlack
  return held
}

/** Compares them, and prints what each held. */
export async function compareLoss(): Promise<void> {
  const [dgram, own] = [await startDgram(), await startOurs()]
  const both = [dgram, own] as const
  for (const one of both) await warm(one)
  const found = [await coarse(dgram), await coarse(own)] as const
  const held: [number[], number[]] = [[], []]
  for (let i = 0; i < fineTries; i++) {
    for (const side of [0, 1] as const) held[side].push(await fine(both[side], found[side]))
  }
  for (const one of both) await one.close()
  const [theirs, ours] = [median(held[0]), median(held[1])]
  const each = (rates: number[]): string => rates.map(Math.round).join(', ')
  console.log(
    `without loss: dgram ${Math.round(theirs)}/s (${each(held[0])}), ` +
      `flowledger ${Math.round(ours)}/s (${each(held[1])}): ${(ours / theirs).toFixed(2)}x`
  )
}
