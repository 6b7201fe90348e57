import type { ClassifiedFlow } from '../../model/classified-flow.ts'
import type { ConntrackEntry } from '../../model/conntrack-entry.ts'

/**
 * Who acts on connections whose verdict is known. It is called in the thread that classifies, once
 * the follower has found the entry of the kernel's table: so `entry` has both tuples as they are
 * after all translation, the zone, the id, the mark and the start.
 */
export interface JoinedSink {
  /**
   * Takes a connection. One comes again when its verdict has changed (rules were reloaded), and
   * when datagrams pass again after a silence, since their entry may be another one by then. Must
   * not block: packets wait meanwhile.
   */
  onJoined(flow: ClassifiedFlow, entry: ConntrackEntry): void
  /** The end of a batch, a few milliseconds after its first connection was classified. */
  flush(): void
}

/** The flow as it is known once its entry is. */
export function joinedFlow(flow: ClassifiedFlow, entry: ConntrackEntry): ClassifiedFlow {
  const { original, reply, mark } = entry
  const isTranslated = !(
    isSame(original.source, reply.destination) && isSame(original.destination, reply.source)
  )
  return { ...flow, mark, isTranslated }
}

type End = ConntrackEntry['original']['source']

function isSame(a: End, b: End): boolean {
  return a.port === b.port && a.address.every((word, i) => word === b.address[i])
}
