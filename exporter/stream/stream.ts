import type { Log } from '../../model/log.ts'
import type { StreamConfig } from '../../model/stream-settings.ts'
import { dumpState } from './dump.ts'
import { StreamHub } from './hub.ts'
import type { StreamSource } from './hub.ts'
import { listen } from './listen.ts'
import type { ListeningStream } from './listen.ts'

/** A stream that runs: sockets that listen, and what happens once an interval. */
export interface RunningStream {
  readonly hub: StreamHub
  /** Where it listens. */
  readonly addresses: readonly string[]
  stop(): Promise<void>
}

/**
 * Opens the stream that the configuration asks for.
 *
 * @param tick called once an interval, before the agent's status is told
 * @throws FlowledgerError `stream-unusable`
 */
export async function openStream(
  config: StreamConfig,
  source: StreamSource,
  log: Log,
  tick: () => void = () => undefined
): Promise<RunningStream> {
  const { established: greetsWithFlows, mostWaiting } = config
  const hub = new StreamHub(source, {
    greetsWithFlows,
    ...(mostWaiting === undefined ? {} : { mostWaiting }),
  })
  const open: ListeningStream[] = []
  const closeAll = async (): Promise<void> => {
    await Promise.all(open.map((one) => one.close()))
  }
  try {
    if (config.unix !== undefined) open.push(await listen(hub, { at: { path: config.unix } }))
    if (config.tcp !== undefined) {
      const { tcp, tls, token } = config
      open.push(await listen(hub, { at: tcp, tls, token }))
    }
  } catch (error) {
    await closeAll()
    throw error
  }
  const timers = [setInterval(() => pulse(hub, tick), config.updateMs)]
  const { dump } = config
  if (dump !== undefined) {
    timers.push(setInterval(() => writeDump(hub, dump.path, log), dump.everyMs))
  }
  return {
    hub,
    addresses: open.map(({ address }) => address),
    async stop() {
      for (const timer of timers) clearInterval(timer)
      if (dump !== undefined) writeDump(hub, dump.path, log)
      await closeAll()
    },
  }
}

function pulse(hub: StreamHub, tick: () => void): void {
  tick()
  hub.tellStatus()
}

/** A disk that is full is no reason to stop streaming. */
function writeDump(hub: StreamHub, path: string, log: Log): void {
  try {
    dumpState(hub, path)
  } catch (error) {
    log.warn(`The state cannot be written to ${path}: ${String(error)}`)
  }
}
