import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DhcpdReader } from '../../../collector/identity/dhcpd.ts'
import { DnsmasqReader } from '../../../collector/identity/dnsmasq.ts'
import type { IdentityReader, ReaderOptions } from '../../../collector/identity/reader.ts'
import { SnapshotFile } from '../../../collector/identity/snapshot.ts'
import { memoryAt } from '../../../collector/identity/tail-memory.ts'
import { FileTail } from '../../../collector/identity/tail.ts'
import { formatWords } from '../../../model/address.ts'
import type { IdentityEvent } from '../../../model/identity.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowledger-tail-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const path = () => join(folder, 'leases')

type Format = new (options: ReaderOptions) => IdentityReader

/** A tail on the file, and the addresses that it has told of, as the store has taken them. */
function follow(Reader: Format = DnsmasqReader) {
  const world = { told: [] as string[], away: false }
  const tail = new FileTail({
    path: path(),
    makeReader: (skip) => new Reader({ name: 'leases', skip }),
    memory: memoryAt(join(folder, 'memory', 'leases.json')),
    async store(events) {
      if (world.away) throw new Error('away')
      world.told.push(...events.map(addressOf))
    },
  })
  return { tail, world }
}

function addressOf({ what, prefix }: IdentityEvent): string {
  return `${what} ${prefix === undefined ? '' : formatWords(prefix.words)}`
}

/** A line as dnsmasq's script writes it: one statement each. */
const line = (n: number): string =>
  `${1_773_144_000 + n} add 02:00:00:00:00:01 192.0.2.${n} laptop until=1773147600\n`
const lines = (...numbers: number[]): string => numbers.map(line).join('')
const told = (...numbers: number[]): string[] => numbers.map((n) => `start 192.0.2.${n}`)

describe('a file that is followed', () => {
  test('may come later, grow, and stop in the middle of a line', async () => {
    const { tail, world } = follow()
    await tail.poll()
    expect(tail.trouble).toMatch(/ENOENT/)
    writeFileSync(path(), lines(1, 2))
    await tail.poll()
    expect(tail.trouble).toBeUndefined()
    appendFileSync(path(), line(3).slice(0, 20))
    await tail.poll()
    expect(world.told).toEqual(told(1, 2))
    appendFileSync(path(), line(3).slice(20) + line(4))
    await tail.poll()
    expect(world.told).toEqual(told(1, 2, 3, 4))
    await tail.close()
  })

  test('is left to its end when it is rotated, also what is written to it after', async () => {
    const { tail, world } = follow()
    writeFileSync(path(), lines(1))
    await tail.poll()
    appendFileSync(path(), lines(2))
    renameSync(path(), `${path()}.1`)
    await tail.poll()
    appendFileSync(`${path()}.1`, lines(3))
    writeFileSync(path(), lines(4))
    await tail.poll()
    await tail.poll()
    expect(world.told).toEqual(told(1, 2, 3, 4))
    expect(tail.counters.replaced).toBe(1)
    await tail.close()
  })

  test('is read anew when it was written anew under its name', async () => {
    const { tail, world } = follow()
    writeFileSync(path(), lines(1, 2, 3))
    await tail.poll()
    writeFileSync(`${path()}.new`, lines(1, 3, 4))
    renameSync(`${path()}.new`, path())
    await tail.poll()
    await tail.poll()
    expect(world.told).toEqual(told(1, 2, 3, 1, 3, 4))
    await tail.close()
  })

  test('may be cut off, and overwritten where it stands, shorter or longer', async () => {
    const { tail, world } = follow()
    writeFileSync(path(), lines(1, 2, 3))
    await tail.poll()
    truncateSync(path(), 0)
    appendFileSync(path(), lines(4))
    await tail.poll()
    expect(world.told).toEqual(told(1, 2, 3, 4))
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
    writeFileSync(path(), lines(5, 6, 7, 8))
    await tail.poll()
    expect(world.told).toEqual(told(1, 2, 3, 4, 5, 6, 7, 8))
    expect(tail.counters.truncated).toBe(2)
    await tail.close()
  })

  test('waits for a database that is away, and loses and doubles nothing', async () => {
    const { tail, world } = follow()
    writeFileSync(path(), lines(1))
    await tail.poll()
    world.away = true
    appendFileSync(path(), lines(2))
    await tail.poll()
    appendFileSync(path(), lines(3))
    await tail.poll()
    expect(world.told).toEqual(told(1))
    expect(tail.counters.notStored).toBe(2)
    world.away = false
    await tail.poll()
    expect(world.told).toEqual(told(1, 2, 3))
    await tail.close()
  })

  test('counts what it does not understand, over all files that it has read', async () => {
    const { tail } = follow()
    writeFileSync(path(), `nonsense\n${lines(1)}`)
    await tail.poll()
    writeFileSync(`${path()}.new`, `more nonsense\n${line(2)}${line(3).slice(0, 9)}`)
    renameSync(`${path()}.new`, path())
    await tail.poll()
    await tail.poll()
    expect(tail.totals.now).toMatchObject({ events: 2, unknown: 2 })
    await tail.close()
  })
})

describe('a restart', () => {
  async function once(Reader?: Format): Promise<string[]> {
    const { tail, world } = follow(Reader)
    for (let polls = 0; polls < 3; polls++) await tail.poll()
    await tail.close()
    return world.told
  }

  test('goes on where it was', async () => {
    writeFileSync(path(), lines(1, 2))
    expect(await once()).toEqual(told(1, 2))
    appendFileSync(path(), lines(3))
    expect(await once()).toEqual(told(3))
    expect(await once()).toEqual([])
  })

  test('finds the end of a file that was rotated meanwhile, twice', async () => {
    writeFileSync(path(), lines(1, 2))
    expect(await once()).toEqual(told(1, 2))
    appendFileSync(path(), lines(3))
    renameSync(path(), `${path()}.2`)
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
    writeFileSync(`${path()}.1`, lines(4))
    writeFileSync(path(), lines(5))
    expect(await once()).toEqual(told(3, 4, 5))
    expect(await once()).toEqual([])
  })

  test('reads all of a file that was written anew, however like the old one it begins', async () => {
    writeFileSync(path(), lines(1, 2, 3))
    await once()
    writeFileSync(path(), lines(1, 2, 4, 5))
    expect(await once()).toEqual(told(1, 2, 4, 5))
  })

  test('with a memory that is damaged reads everything', async () => {
    writeFileSync(path(), lines(1))
    await once()
    writeFileSync(join(folder, 'memory', 'leases.json'), '{"length":')
    expect(await once()).toEqual(told(1))
  })

  test('in the middle of a block takes the block once it is whole', async () => {
    const block = (n: number): string =>
      `lease 192.0.2.${n} {\n  starts 2 2026/03/10 12:00:00;\n  ends 2 2026/03/10 13:00:00;\n` +
      `  binding state active;\n  hardware ethernet 02:00:00:00:00:0${n};\n}\n`
    writeFileSync(path(), block(1) + block(2).slice(0, 60))
    expect(await once(DhcpdReader)).toEqual(told(1))
    appendFileSync(path(), block(2).slice(60) + block(3))
    expect(await once(DhcpdReader)).toEqual(told(2, 3))
  })
})

describe("a snapshot (dnsmasq's leases)", () => {
  const lease = (n: number, expiry = 2_000_000_000): string =>
    `${expiry} 02:00:00:00:00:0${n} 192.0.2.${n} host${n} *\n`

  function watch() {
    const world = { told: [] as IdentityEvent[], away: false, nowUs: 1_900_000_000e6 }
    const file = new SnapshotFile({
      path: path(),
      nowUs: () => world.nowUs,
      makeReader: () => new DnsmasqReader({ name: 'leases', nowUs: () => world.nowUs }),
      async store(events) {
        if (world.away) throw new Error('away')
        world.told.push(...events)
      },
    })
    /** Polls until a state rests; gives what was told since. */
    const look = async (): Promise<string[]> => {
      const before = world.told.length
      for (let polls = 0; polls < 3; polls++) {
        world.nowUs += 1e6
        await file.poll()
      }
      return world.told.slice(before).map(addressOf)
    }
    return { world, file, look }
  }

  test('is compared with the one before: what is new, what changed, what is gone', async () => {
    const { look, world } = watch()
    writeFileSync(path(), lease(1) + lease(2))
    expect(await look()).toEqual(['alive 192.0.2.1', 'alive 192.0.2.2'])
    expect(await look()).toEqual([])
    writeFileSync(path(), lease(1) + lease(3))
    expect(await look()).toEqual(['end 192.0.2.2', 'alive 192.0.2.3'])
    const end = world.told.find(({ what }) => what === 'end')
    // It was there at the last look before, and is not at this one.
    expect((end?.atUs ?? 0) - (end?.sureUs ?? 0)).toBe(2e6)
    writeFileSync(path(), lease(1, 2_000_003_600) + lease(3))
    expect(await look()).toEqual(['alive 192.0.2.1'])
  })

  test('is not believed while it is being written', async () => {
    const { look, file } = watch()
    writeFileSync(path(), lease(1) + lease(2))
    await look()
    writeFileSync(path(), lease(1).slice(0, 30))
    expect(await look()).toEqual([])
    writeFileSync(path(), '')
    await file.poll()
    writeFileSync(path(), lease(1) + lease(2) + lease(3))
    expect(await look()).toEqual(['alive 192.0.2.3'])
  })

  test('is offered again when the database was away', async () => {
    const { look, world } = watch()
    writeFileSync(path(), lease(1))
    world.away = true
    expect(await look()).toEqual([])
    world.away = false
    expect(await look()).toEqual(['alive 192.0.2.1'])
  })

  test('ends a lease that ran out when it ran out', async () => {
    const { look, world } = watch()
    writeFileSync(path(), lease(1, 1_900_000_005))
    await look()
    world.nowUs += 60e6
    writeFileSync(path(), '')
    await look()
    expect(world.told.at(-1)).toMatchObject({ what: 'end', atUs: 1_900_000_005e6 })
  })
})
