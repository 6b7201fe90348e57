import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NetflowReceiver } from '../../collector/netflow/receiver.ts'
import { isTranslated } from '../../exporter/row-filter.ts'
import { requireAddress } from '../../model/address.ts'
import type { NetflowConfig } from '../../model/netflow-settings.ts'
import { makeAuthority, makeCertificate } from '../exporter/certificates.ts'
import { encode } from '../exporter/encoding.ts'
import { batchWith, shapes, targetOf } from '../exporter/flows.ts'
import { makeTarget } from '../exporter/sending.ts'
import { programMissing, skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import {
  Kept,
  answer,
  asNetflow5,
  batch,
  expected,
  extras,
  floorMs,
  inMilliseconds,
  oneWay,
  toldOf,
  views,
} from './read-back.ts'
import type { Name } from './read-back.ts'
import { exportUs, flows, sorted } from './rows.ts'

/** What is exported, read back by flowledger's own collector: every field of every record. */

/**
 * Nothing was missed, nothing was unreadable.
 *
 * @param reasons of the gaps that are expected
 */
function expectWhole(kept: Kept, reasons: readonly string[] = []): void {
  expect(kept.gaps.map(({ reason }) => reason)).toEqual(reasons)
  for (const { counters, sequence: _ } of kept.collector.decoder.exporters.values()) {
    expect(counters).toMatchObject({ lost: 0, pendingSets: 0, missingSets: 0, malformed: {} })
    expect(counters.implausibleTimes).toBe(0)
  }
}

describe('every field of every record', () => {
  test.each([
    ['IPFIX, both directions', {}, expected.map(inMilliseconds)],
    ['IPFIX, microseconds', { times: 'microseconds' }, expected],
    [
      'IPFIX, a record for each direction',
      { directions: 'uniflows' },
      expected.flatMap((one) => [oneWay(one), answer(one)]).map(inMilliseconds),
    ],
    [
      'NetFlow 9',
      { protocol: 'netflow9' },
      expected.flatMap((one) => [oneWay(one), answer(one)]).map(inMilliseconds),
    ],
    [
      'NetFlow 9, both directions',
      { protocol: 'netflow9', directions: 'biflow', times: 'microseconds' },
      expected,
    ],
    ['NetFlow 5', { protocol: 'netflow5' }, expected.flatMap(views).map(asNetflow5)],
  ])('%s', (_, given, records) => {
    const { raw } = encode(given, [batch])
    const kept = new Kept().send(raw, { atUs: exportUs })
    expectWhole(kept)
    expect(sorted(kept.flowsTold)).toEqual(sorted(records))
  })
})

/** What a record of an event carries; its time is one instant. */
const eventCarried = [
  'sourceAddress',
  'destinationAddress',
  'postNatSourceAddress',
  'postNatDestinationAddress',
  'sourceTransportPort',
  'postNaptSourceTransportPort',
  'postNaptDestinationTransportPort',
  'protocolIdentifier',
  'ingressVrfId',
  'flowStartMicroseconds',
  'natEvent',
  'userName',
  'natPoolName',
] as const satisfies readonly Name[]

const blockCarried = [
  'sourceAddress',
  'postNatSourceAddress',
  'ingressVrfId',
  'flowStartMicroseconds',
  'natEvent',
  'portRangeStart',
  'portRangeEnd',
  'portRangeStepSize',
  'userName',
  'natPoolName',
] as const satisfies readonly Name[]

describe.each(['ipfix', 'netflow9'])('events by %s', (protocol) => {
  test('the beginning and the end of each translation', () => {
    const { raw } = encode({ protocol, records: 'nat-events' }, [batch], { kind: 'whole' })
    const kept = new Kept().keeping(eventCarried).send(raw, { atUs: exportUs })
    const wanted = flows.flatMap((flow, row) => {
      if (!isTranslated(batch.columns, row)) return []
      const one = toldOf(batch, row, eventCarried)
      const [begin, end] = flow.source.includes(':') ? [6, 7] : [4, 5]
      const starts = { ...one, natEvent: begin, flowStartMicroseconds: floorMs(flow.startUs) }
      return [starts, { ...starts, natEvent: end, flowStartMicroseconds: floorMs(flow.endUs) }]
    })
    expectWhole(kept)
    expect(sorted([...kept.flowsTold, ...kept.eventsTold])).toEqual(sorted(wanted))
  })

  test('blocks of ports', () => {
    const columns = ['natEvent', 'portRangeStart', 'portRangeEnd', 'portRangeStepSize'] as const
    const made = batchWith(
      shapes.slice(0, 2),
      [...columns, ...extras],
      ({ extras: e, texts }, row) => {
        e.natEvent?.fill(16 + row, row, row + 1)
        e.portRangeStart?.fill(1024, row, row + 1)
        e.portRangeEnd?.fill(2047, row, row + 1)
        e.portRangeStepSize?.fill(1, row, row + 1)
        e.userName?.fill(texts.numberOf('subscriber'), row, row + 1)
      }
    )
    const { raw } = encode({ protocol, records: 'nat-events' }, [made], { kind: 'whole' })
    const kept = new Kept().keeping(blockCarried).send(raw, { atUs: exportUs })
    const at = [shapes[0]?.startUs, shapes[1]?.endUs]
    const wanted = at.map((us, row) =>
      Object.assign(toldOf(made, row, blockCarried), { flowStartMicroseconds: floorMs(us) })
    )
    expectWhole(kept)
    expect(sorted([...kept.flowsTold, ...kept.eventsTold])).toEqual(sorted(wanted))
  })
})

describe.skipIf(skipUnless('program', programMissing('openssl')))('over real sockets', () => {
  let directory = ''
  let tls: NonNullable<NetflowConfig['tls']>
  let authority = ''

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'flowledger-own-'))
    authority = makeAuthority(directory, 'ours').certificate
    const { certificate, key } = makeCertificate(directory, 'ours', 'collector', 'IP:127.0.0.1')
    tls = { listen: [], certificate, key, clientCa: authority }
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  const anyPort = [{ ip: requireAddress('127.0.0.1'), port: 0 }]

  function configOf(transport: string): NetflowConfig {
    const common = { isDefaultListen: false, receiveBufferBytes: 4 << 20, exporters: [] }
    if (transport === 'tls')
      return { ...common, listen: [], tcp: [], tls: { ...tls, listen: anyPort } }
    return transport === 'tcp'
      ? { ...common, listen: [], tcp: anyPort }
      : { ...common, listen: anyPort, tcp: [] }
  }

  test.each([
    ['udp', 'netflow5'],
    ['udp', 'netflow9'],
    ['udp', 'ipfix'],
    ['tcp', 'ipfix'],
    ['tls', 'ipfix'],
  ] as const)('%s, %s: two sessions, nothing missing', async (transport, protocol) => {
    const kept = new Kept()
    const config = configOf(transport)
    const receiver = new NetflowReceiver(kept.collector, config)
    await receiver.open(config)
    const running = receiver.run()
    const address = receiver.addresses[0]?.split(' ')[1] ?? ''
    const client = makeCertificate(directory, 'ours', 'gateway', 'DNS:gateway.example')
    const files = { certificate_file: client.certificate, key_file: client.key, ca_file: authority }
    const given = { protocol, transport, address, ...(transport === 'tls' ? { tls: files } : {}) }
    const target = makeTarget(targetOf({ ...given, rate: 5000 }))
    const whole =
      protocol === 'netflow5'
        ? expected.flatMap(views).map(asNetflow5)
        : protocol === 'netflow9'
          ? expected.flatMap((one) => [oneWay(one), answer(one)]).map(inMilliseconds)
          : expected.map(inMilliseconds)
    for (const session of [1, 2]) {
      await target.open(exportUs)
      await target.tell(batch, 'slices', exportUs)
      await target.flush(exportUs)
      await target.close()
      await until(() => kept.flowsTold.length >= session * whole.length)
    }
    receiver.stop()
    await running
    // A connection numbers anew: what was lost between two of them nobody can tell.
    expectWhole(kept, transport === 'udp' ? [] : ['exporter-restart'])
    expect(target.losses).toEqual({})
    expect(sorted(kept.flowsTold)).toEqual(sorted([...whole, ...whole]))
  })
})
