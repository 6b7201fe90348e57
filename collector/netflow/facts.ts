import { isEventShape, shapeOf } from './dialects.ts'
import type { EventShape } from './dialects.ts'
import type { TargetName } from './columns.ts'
import type { Layout } from './layout.ts'

/** What the records of a plan say, as the steps that finish its rows ask. */
export interface Facts {
  readonly shape: EventShape
  readonly isEvent: boolean
  readonly start: boolean
  readonly end: boolean
  readonly duration: boolean
  readonly eventTime: boolean
  readonly postSource: boolean
  readonly postDestination: boolean
  readonly postSourcePort: boolean
  readonly postDestinationPort: boolean
  readonly icmp: boolean
  readonly event: boolean
  readonly sampling: boolean
  readonly sampler: boolean
  readonly ingressInterface: boolean
  readonly egressInterface: boolean
  readonly applicationId: boolean
  readonly applicationName: boolean
  readonly poolId: boolean
  readonly poolName: boolean
  readonly block: boolean
  readonly blockEnd: boolean
  readonly blockCount: boolean
}

/** Looks at what a layout has. */
export function factsOf(layout: Layout, has: ReadonlySet<TargetName>): Facts {
  const shape = shapeOf(layout)
  return {
    shape,
    isEvent: isEventShape(shape),
    start: has.has('flowStartMicroseconds'),
    end: has.has('flowEndMicroseconds'),
    duration: has.has('duration'),
    eventTime: has.has('eventTime'),
    postSource: has.has('postNatSourceAddress'),
    postDestination: has.has('postNatDestinationAddress'),
    postSourcePort: has.has('postNaptSourceTransportPort'),
    postDestinationPort: has.has('postNaptDestinationTransportPort'),
    icmp: has.has('icmpTypeCode'),
    event: has.has('natEvent'),
    sampling: has.has('samplingInterval'),
    sampler: has.has('samplerId'),
    ingressInterface: has.has('ingressInterface'),
    egressInterface: has.has('egressInterface'),
    applicationId: has.has('applicationId'),
    applicationName: has.has('applicationName'),
    poolId: has.has('natPoolId'),
    poolName: has.has('natPoolName'),
    block: has.has('portRangeStart'),
    blockEnd: has.has('portRangeEnd'),
    blockCount: has.has('portRangeNumPorts'),
  }
}
