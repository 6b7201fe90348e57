import { exitCodes } from '../model/errors.ts'
import { openShown, sayDecoded } from './classified-flows.ts'
import type { ShownFlags } from './classified-flows.ts'
import { say } from './output.ts'
import { openRules } from './rules-option.ts'
import type { RulesFlags } from './rules-option.ts'

/** When watching ends, other than by a signal. */
export interface LiveFlags {
  readonly seconds?: number
  readonly count?: number
}

/**
 * Shows the flows that pass interfaces as they end, as those of a capture are shown; those that are
 * open when it is stopped end with it.
 */
export async function classifyInterfaces(
  interfaces: readonly string[],
  flags: ShownFlags & LiveFlags & RulesFlags
): Promise<number> {
  const { classifyLive } = await import('../appliance/capture/classify-live.ts')
  const { judgeBy } = await import('../appliance/capture/classify-file.ts')
  const { judge } = judgeBy(await openRules(flags))
  const shown = await openShown(flags)
  let flows = 0
  const { events } = shown
  const live = classifyLive(
    { group: 0, interfaces, snapLength: 4096, receiveBuffer: 32 << 20, frames: flags.count },
    {
      ...events,
      ended(flow) {
        flows++
        events.ended(flow)
      },
      batchEnded: () => shown.flush(),
    },
    judge
  )
  const stop = (): void => live.stop()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  const { seconds } = flags
  const timer = seconds === undefined ? undefined : setTimeout(stop, seconds * 1000)
  say(`Watching ${interfaces.join(', ')}; end with Ctrl-C.`)
  await live.ended
  clearTimeout(timer)
  shown.end()
  const { counters, frames, decoded, repeated } = live
  sayDecoded(frames, decoded, flows)
  say(`${counters.lost} packets lost, ${repeated} shown by several interfaces.`)
  shown.sayKept()
  return exitCodes.ok
}
