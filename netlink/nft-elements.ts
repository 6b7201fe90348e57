import type { MessageWriter } from './message-writer.ts'
import { nlmsgFlag } from './messages.ts'

/*
 * Elements of a set of nftables (linux/netfilter/nf_tables.h). A transaction is a batch: all of
 * its messages are done, or none is.
 *
 *   BATCH_BEGIN 0x10 (resource: subsystem 10)
 *   NEWSETELEM 12 | DELSETELEM 14 | DESTROYSETELEM 30 (since Linux 6.3: also where it is not there)
 *       1 TABLE text | 2 SET text
 *       3 ELEMENTS   1 LIST_ELEM   1 KEY > 1 DATA_VALUE octets   each field of a key is padded to 4
 *                                  4 TIMEOUT u64, ms
 *   BATCH_END 0x11
 *
 * NEWSETELEM of what is there already renews its timeout since Linux 6.12.
 */
const subsystem = 10
const batchBegin = 0x10
const batchEnd = 0x11

export const elementMessage = {
  add: subsystem * 256 + 12,
  delete: subsystem * 256 + 14,
  destroy: subsystem * 256 + 30,
} as const

/** NFPROTO_* by the word that nft has for the family of a table. */
export const tableFamilies: Readonly<Record<string, number>> = {
  inet: 1,
  ip: 2,
  arp: 3,
  netdev: 5,
  bridge: 7,
  ip6: 10,
}

/** A set, as messages name it. */
export interface SetName {
  readonly family: number
  readonly table: string
  readonly set: string
}

/** An element: its key as the kernel compares it; the timeout is left out where 0. */
export interface SetElement {
  readonly key: Uint8Array
  readonly timeoutMs: number
}

/** Elements of one message: an attribute has at most 64 KiB. */
const elementsOfMessage = 400

/** Frames messages that shall be done together. */
export function writeBatch(
  writer: MessageWriter,
  sequence: () => number,
  inside: () => void
): void {
  const frame = (type: number): void => {
    writer.begin({ type, flags: 0, sequence: sequence(), family: 0, resource: subsystem })
    writer.end()
  }
  frame(batchBegin)
  inside()
  frame(batchEnd)
}

/** Adds elements to a set, or takes them out, by as many messages as it takes. */
export function writeElements(
  writer: MessageWriter,
  sequence: () => number,
  message: keyof typeof elementMessage,
  { family, table, set }: SetName,
  elements: readonly SetElement[]
): void {
  for (let from = 0; from < elements.length; from += elementsOfMessage) {
    const flags = message === 'add' ? nlmsgFlag.create : 0
    writer.begin({ type: elementMessage[message], flags, sequence: sequence(), family })
    writer.text(1, table)
    writer.text(2, set)
    const list = writer.open(3)
    for (const { key, timeoutMs } of elements.slice(from, from + elementsOfMessage)) {
      const element = writer.open(1)
      const value = writer.open(1)
      writer.bytesOf(1, key)
      writer.close(value)
      if (timeoutMs > 0 && message === 'add') writer.u64(4, timeoutMs)
      writer.close(element)
    }
    writer.close(list)
    writer.end()
  }
}

/** Takes every element out of a set. */
export function writeFlush(writer: MessageWriter, sequence: number, set: SetName): void {
  writer.begin({ type: elementMessage.delete, flags: 0, sequence, family: set.family })
  writer.text(1, set.table)
  writer.text(2, set.set)
  writer.end()
}
