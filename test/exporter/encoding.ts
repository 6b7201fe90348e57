import { Encoder } from '../../exporter/encoder.ts'
import { noCounters } from '../../exporter/export-counters.ts'
import type { ExportCounters } from '../../exporter/export-counters.ts'
import type { InterfaceName } from '../../exporter/options.ts'
import { Outbox } from '../../exporter/outbox.ts'
import { protocols } from '../../exporter/protocols.ts'
import type { RecordKernels } from '../../exporter/record-kernels.ts'
import type { BatchKind } from '../../exporter/row-choice.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { baseUs, targetOf } from './flows.ts'
import { Reader } from './reading.ts'
import type { ReadMessage } from './reading.ts'

export const bootUs = baseUs - 86_400e6
export const exportUs = baseUs + 120e6 + 345_678

const facts = (interfaces: readonly InterfaceName[] = []) => ({
  process: 42,
  interfaces,
  statistics: {
    messages: 1,
    bytes: 2,
    records: 3,
    notSentRecords: 4,
    notSentMessages: 5,
    notSentBytes: 6,
  },
})

export interface Encoded {
  readonly messages: readonly ReadMessage[]
  readonly raw: readonly Buffer[]
  readonly records: readonly ReadonlyMap<string, Buffer>[]
  readonly options: readonly ReadonlyMap<string, Buffer>[]
  readonly counters: ExportCounters
  readonly reader: Reader
}

/** Encodes batches for a target and reads the messages back. */
export function encode(
  given: Record<string, unknown>,
  batches: readonly FlowBatch[],
  options: {
    slotBytes?: number
    slots?: number
    kind?: BatchKind
    interfaces?: readonly InterfaceName[]
    /** Write the records, if the messages' room is in their memory. */
    kernels?: RecordKernels
    room?: Buffer
  } = {}
): Encoded {
  const settings = targetOf(given)
  const { slotBytes = 1472, slots = 4, kind = 'slices', interfaces, kernels, room } = options
  const outbox = new Outbox(slots, slotBytes, room)
  const counters = noCounters()
  const protocol = protocols[settings.protocol]
  const encoder = new Encoder({ protocol, settings, outbox, bootUs, counters, kernels })
  const raw: Buffer[] = []
  const empty = (): void => {
    for (let i = 0; i < outbox.count; i++) raw.push(Buffer.from(outbox.message(i)))
    outbox.clear()
  }
  encoder.announcer.announce(facts(interfaces))
  for (const batch of batches) {
    encoder.begin(batch, kind)
    while (!encoder.encode(exportUs)) empty()
  }
  while (!encoder.flush(exportUs)) empty()
  empty()
  const reader = new Reader()
  const messages = raw.map((message) => reader.read(message))
  return {
    messages,
    raw,
    records: messages.flatMap((message) => message.records),
    options: messages.flatMap((message) => message.options),
    counters,
    reader,
  }
}
