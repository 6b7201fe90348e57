import { JsonTarget } from '../../../collector/netflow/json-target.ts'
import { NetflowDecoder } from '../../../collector/netflow/decoder.ts'
import { settingsFor } from '../../../collector/netflow/settings.ts'
import { ipfix, set, template } from './messages.ts'
import type { FieldSpec } from './messages.ts'
import { Run } from './run.ts'

/** One record of these fields as the object that `decode` shows. */
export function shown(...datagrams: readonly Buffer[]): Record<string, unknown>[] {
  const lines: string[] = []
  const decoder = new NetflowDecoder({
    target: new JsonTarget(
      (line) => lines.push(line),
      () => false
    ),
    settingsOf: (...words) => settingsFor([], ...words),
  })
  for (const datagram of datagrams) {
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length)
    const nobody = { w0: 0, w1: 0, w2: 0xffff, w3: 1, port: 1, atUs: 0, transport: 'udp' } as const
    decoder.take(view, 0, datagram.length, nobody)
  }
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** The first record as an object. */
export const one = (
  fields: readonly FieldSpec[],
  ...values: readonly Buffer[]
): Record<string, unknown> =>
  shown(ipfix({}, set(2, template(256, fields)), set(256, ...values)))[0] ?? {}

/** The line as text: numbers past 2^53 are no doubles. */
export function text(fields: readonly FieldSpec[], ...values: readonly Buffer[]): string {
  let line = ''
  const decoder = new NetflowDecoder({
    target: new JsonTarget(
      (told) => (line = told),
      () => false
    ),
    settingsOf: (...words) => settingsFor([], ...words),
  })
  const datagram = ipfix({}, set(2, template(256, fields)), set(256, ...values))
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length)
  const nobody = { w0: 0, w1: 0, w2: 0xffff, w3: 1, port: 1, atUs: 0, transport: 'udp' } as const
  decoder.take(view, 0, datagram.length, nobody)
  return line
}

/** The row that one record makes. */
export function rowOf(fields: readonly FieldSpec[], ...values: readonly Buffer[]) {
  return new Run().send([ipfix({}, set(2, template(256, fields)), set(256, ...values))]).rows[0]
}
