import { expect, test } from 'vitest'
import { sliceBatches } from '../../../cli/export/slice-batches.ts'
import { formatWords, requireAddress } from '../../../model/address.ts'
import type { NatKind } from '../../../model/nat-view.ts'
import type { Slice } from '../../../model/slice.ts'

const end = (text: string) => {
  const [ip = '', port = '0'] = text.split(' ')
  return { ip: requireAddress(ip), port: Number(port) }
}

function slice(
  natKind: NatKind,
  inside: string,
  outside: string,
  remote: string,
  flowId: bigint
): Slice {
  return {
    source: 'gateway',
    flowId,
    open: false,
    natKind,
    protocol: 6,
    zone: 0,
    inside: end(inside),
    public: end(outside),
    remote: end(remote),
    connectionStartUs: 1e15,
    startUs: 1e15,
    endUs: 1e15 + 1e6,
    lastPacketUs: 1e15,
    octets: 2n ** 60n + 1n,
    packets: 1n,
    reverseOctets: 2n,
    reversePackets: 3n,
    conntrackId: 4,
    mark: 5,
    endReason: 3,
    flags: 0,
  }
}

/** `source > destination as source after > destination after` of each row. */
async function rowsOf(slices: readonly Slice[]): Promise<string[]> {
  async function* list(): AsyncGenerator<Slice> {
    yield* slices
  }
  const rows: string[] = []
  for await (const { columns: c, length } of sliceBatches(list())) {
    const text = (words: Uint32Array, ports: Uint16Array, row: number): string => {
      const [a = 0, b = 0, d = 0, e = 0] = words.subarray(4 * row, 4 * row + 4)
      return `${formatWords([a, b, d, e])} ${ports[row]}`
    }
    for (let row = 0; row < length; row++) {
      const from = text(c.sourceAddress, c.sourceTransportPort, row)
      const to = text(c.destinationAddress, c.destinationTransportPort, row)
      const after = text(c.postNatSourceAddress, c.postNaptSourceTransportPort, row)
      const afterTo = text(c.postNatDestinationAddress, c.postNaptDestinationTransportPort, row)
      rows.push(`${from} > ${to} as ${after} > ${afterTo}`)
    }
  }
  return rows
}

test('views of the ledger become the connections that they are of', async () => {
  const rows = await rowsOf([
    slice(1, '10.0.0.1 1', '192.0.2.1 2', '198.51.100.1 80', 1n),
    slice(2, '10.0.0.2 8080', '192.0.2.1 80', '203.0.113.5 5', 2n),
    // A hairpin: translated both ways, two rows of one connection.
    slice(1, '10.0.0.3 3', '192.0.2.1 33', '10.0.0.4 8080', 3n),
    slice(2, '10.0.0.4 8080', '192.0.2.1 80', '192.0.2.1 33', 3n),
    // Untranslated between two of ours: two rows again.
    slice(0, '10.0.0.5 5', '10.0.0.5 5', '10.0.0.6 6', 4n),
    slice(0, '10.0.0.6 6', '10.0.0.6 6', '10.0.0.5 5', 4n),
    slice(0, '2001:db8::1 1', '2001:db8::1 1', '2001:db8::2 2', 5n),
  ])
  expect(rows).toEqual([
    '10.0.0.1 1 > 198.51.100.1 80 as 192.0.2.1 2 > 198.51.100.1 80',
    '203.0.113.5 5 > 192.0.2.1 80 as 203.0.113.5 5 > 10.0.0.2 8080',
    '10.0.0.3 3 > 192.0.2.1 80 as 192.0.2.1 33 > 10.0.0.4 8080',
    '10.0.0.5 5 > 10.0.0.6 6 as 10.0.0.5 5 > 10.0.0.6 6',
    '2001:db8::1 1 > 2001:db8::2 2 as 2001:db8::1 1 > 2001:db8::2 2',
  ])
})

test('more rows than a batch holds are all there', async () => {
  const many = Array.from({ length: 2500 }, (_, i) =>
    slice(1, '10.0.0.1 1', '192.0.2.1 2', '198.51.100.1 80', BigInt(i))
  )
  expect(await rowsOf(many)).toHaveLength(2500)
})
