import type { Writable } from 'node:stream'
import type { Transport } from '../transport.ts'
import { streamSlotBytes } from './stream.ts'

/**
 * Messages one behind the other into a stream of this process, as standard output: of IPFIX that
 * is an IPFIX file (RFC 5655).
 *
 * @param slotBytes of the longest message; left out: as long as its length field can say
 */
export function streamOut(stream: Writable, slotBytes = streamSlotBytes): Transport {
  return {
    open: () =>
      Promise.resolve({
        slots: 16,
        slotBytes,
        unsureBytes: 0,
        settleUs: 0,
        reliable: true,
        notSent: { messages: 0, bytes: 0, records: 0 },
        async send(outbox) {
          const messages: Buffer[] = []
          for (let i = outbox.sent; i < outbox.count; i++) messages.push(outbox.message(i))
          const bytes = Buffer.concat(messages)
          outbox.clear()
          await new Promise<void>((resolve, reject) => {
            stream.write(bytes, (error) => (error ? reject(error) : resolve()))
          })
        },
        check: () => {},
        isDue: () => false,
        close: () => Promise.resolve(),
      }),
  }
}
