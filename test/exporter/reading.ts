/**
 * A small reader of NetFlow 5, 9 and IPFIX for tests, written from the RFCs and apart from the
 * exporter: what it gives is held against the rows that were exported.
 */

export interface ReadField {
  readonly id: number
  readonly pen: number
  readonly bytes: number
}

export interface ReadTemplate {
  readonly scope: number
  readonly fields: readonly ReadField[]
}

export interface ReadMessage {
  readonly version: number
  readonly sequence: number
  readonly exportSeconds: number
  readonly domain: number
  readonly count: number
  readonly uptimeMs: number
  /** Data records of flows and events: octets by `pen.id` (IANA's: `id`). */
  readonly records: readonly ReadonlyMap<string, Buffer>[]
  readonly options: readonly ReadonlyMap<string, Buffer>[]
  readonly templates: number
}

export const keyOf = ({ id, pen }: { id: number; pen: number }): string =>
  pen === 0 ? String(id) : `${pen}.${id}`

export class Reader {
  readonly templates = new Map<number, ReadTemplate>()
  /** Records whose template had not come. */
  lost = 0

  read(message: Buffer): ReadMessage {
    const version = message.readUInt16BE(0)
    if (version === 5) return readV5(message)
    const head = version === 9 ? 20 : 16
    const records: Map<string, Buffer>[] = []
    const options: Map<string, Buffer>[] = []
    let templates = 0
    if (version === 10 && message.readUInt16BE(2) !== message.length) throw new Error('length')
    for (let at = head; at < message.length;) {
      const id = message.readUInt16BE(at)
      const length = message.readUInt16BE(at + 2)
      if (length < 4 || at + length > message.length) throw new Error(`set of ${length} octets`)
      const body = message.subarray(at + 4, at + length)
      if (id < 256) templates += this.takeTemplates(body, id, version)
      else this.takeRecords(body, id, records, options)
      at += length
    }
    return {
      version,
      count: version === 9 ? message.readUInt16BE(2) : 0,
      uptimeMs: version === 9 ? message.readUInt32BE(4) : 0,
      exportSeconds: message.readUInt32BE(version === 9 ? 8 : 4),
      sequence: message.readUInt32BE(version === 9 ? 12 : 8),
      domain: message.readUInt32BE(version === 9 ? 16 : 12),
      records,
      options,
      templates,
    }
  }

  private takeTemplates(body: Buffer, setId: number, version: number): number {
    const isOptions = setId === 1 || setId === 3
    let count = 0
    for (let at = 0; at + 4 <= body.length; count++) {
      const id = body.readUInt16BE(at)
      if (id < 256) break
      let fields = body.readUInt16BE(at + 2)
      let scope = 0
      at += 4
      if (isOptions && version === 9) {
        scope = fields / 4
        fields = scope + body.readUInt16BE(at) / 4
        at += 2
      } else if (isOptions) {
        scope = body.readUInt16BE(at)
        at += 2
      }
      const read: ReadField[] = []
      for (let i = 0; i < fields; i++) {
        const raw = body.readUInt16BE(at)
        const bytes = body.readUInt16BE(at + 2)
        const enterprise = version === 10 && (raw & 0x8000) !== 0
        read.push({
          id: enterprise ? raw & 0x7fff : raw,
          pen: enterprise ? body.readUInt32BE(at + 4) : 0,
          bytes,
        })
        at += enterprise ? 8 : 4
      }
      this.templates.set(id, { scope, fields: read })
    }
    return count
  }

  private takeRecords(
    body: Buffer,
    id: number,
    records: Map<string, Buffer>[],
    options: Map<string, Buffer>[]
  ): void {
    const template = this.templates.get(id)
    if (template === undefined) {
      this.lost++
      return
    }
    const least = template.fields.reduce(
      (sum, { bytes }) => sum + (bytes === 65_535 ? 1 : bytes),
      0
    )
    for (let at = 0; at + least <= body.length;) {
      const record = new Map<string, Buffer>()
      for (const [index, field] of template.fields.entries()) {
        let { bytes } = field
        if (bytes === 65_535) {
          bytes = body.readUInt8(at++)
          if (bytes === 255) {
            bytes = body.readUInt16BE(at)
            at += 2
          }
        }
        if (at + bytes > body.length) throw new Error('a record runs over its set')
        const prefix = index < template.scope ? 'scope ' : ''
        record.set(prefix + keyOf(field), body.subarray(at, at + bytes))
        at += bytes
      }
      ;(template.scope > 0 ? options : records).push(record)
    }
  }
}

function readV5(message: Buffer): ReadMessage {
  const count = message.readUInt16BE(2)
  if (message.length !== 24 + 48 * count) throw new Error('a NetFlow 5 packet of a wrong length')
  const places = {
    8: [0, 4],
    12: [4, 4],
    15: [8, 4],
    10: [12, 2],
    14: [14, 2],
    2: [16, 4],
    1: [20, 4],
    22: [24, 4],
    21: [28, 4],
    7: [32, 2],
    11: [34, 2],
    6: [37, 1],
    4: [38, 1],
    5: [39, 1],
  } as const
  const records = Array.from({ length: count }, (_, index) => {
    const from = 24 + 48 * index
    return new Map(
      Object.entries(places).map(([id, [at, bytes]]) => [
        id,
        message.subarray(from + at, from + at + bytes),
      ])
    )
  })
  return {
    version: 5,
    count,
    uptimeMs: message.readUInt32BE(4),
    exportSeconds: message.readUInt32BE(8),
    sequence: message.readUInt32BE(16),
    domain: message.readUInt16BE(20),
    records,
    options: [],
    templates: 0,
  }
}

/** A number of any length. */
export function numberOf(octets: Buffer | undefined): bigint {
  if (octets === undefined) throw new Error('the field is not there')
  return octets.length === 0 ? 0n : BigInt(`0x${octets.toString('hex')}`)
}

/** The messages of a stream of IPFIX, as a file or a connection holds them. */
export function splitIpfix(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt16BE(at + 2)
    messages.push(bytes.subarray(at, at + length))
    at += length
  }
  return messages
}
