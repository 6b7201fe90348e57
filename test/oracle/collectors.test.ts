import { describe, expect, test } from 'vitest'
import { programMissing, skipUnless } from '../skip.ts'
import { bootUs, encode } from '../exporter/encoding.ts'
import { targetOf } from '../exporter/flows.ts'
import { makeTarget } from '../exporter/sending.ts'
import { tshark, withNfacctd, withNfcapd, withNodeNetflow } from './collect.ts'
import { batch, canonical, exportUs, flows, forward, reverse, send, sorted } from './rows.ts'
import type { Row, Told } from './rows.ts'
import { recordsOf } from './tshark-records.ts'

/**
 * Collectors that others wrote, each reading what is exported: every record of theirs is held
 * against the row that it came from, field by field.
 */

describe.skipIf(skipUnless('program', programMissing('nfcapd') ?? programMissing('nfdump')))(
  'nfcapd and nfdump',
  () => {
    const instant = (text: string | number | undefined): number => Date.parse(`${text}Z`)
    const isIcmp = (row: Row): boolean => row['proto'] === 1

    /** NAT of a family that is not there is that of before: nfdump keeps what differs in family. */
    function told(row: Row): Told {
      const from = String(row['src4_addr'] ?? row['src6_addr'])
      const to = String(row['dst4_addr'] ?? row['dst6_addr'])
      const after = String(row['src4_xlt_ip'] ?? row['src6_xlt_ip'] ?? from)
      const afterTo = String(row['dst4_xlt_ip'] ?? row['dst6_xlt_ip'] ?? to)
      return {
        from: canonical(`${from} ${row['src_port'] ?? ''}`),
        to: canonical(`${to} ${row['dst_port'] ?? ''}`),
        after: canonical(`${after} ${row['src_xlt_port']}`),
        afterTo: canonical(`${afterTo} ${row['dst_xlt_port']}`),
        protocol: Number(row['proto']),
        octets: BigInt(row['in_bytes'] ?? 0),
        packets: BigInt(row['in_packets'] ?? 0),
        startMs: instant(row['first']),
        endMs: instant(row['last']),
      }
    }

    /** nfdump prints no port of ICMP, but its type. */
    const asShown = (one: Told): Told =>
      one.protocol === 1
        ? { ...one, from: `${one.from.split(' ')[0]} `, to: `${one.to.split(' ')[0]} ` }
        : one

    test('IPFIX: both directions in a record, without a sequence error', async () => {
      // nfcapd does not count option records, as RFC 7011 has it: with them it believes in losses.
      const { records, log } = await withNfcapd(send({ options: [] }))
      expect(sorted(records.map(told))).toEqual(sorted(flows.map((flow) => asShown(forward(flow)))))
      const answers = records.map(
        (row) => `${row['in_packets']} ${row['out_packets']} ${row['out_bytes']}`
      )
      expect(answers.toSorted()).toEqual(
        flows
          .map((flow) => `${flow.packets} ${flow.reversePackets} ${flow.reverseOctets}`)
          .toSorted()
      )
      for (const row of records) {
        expect(row).toMatchObject({ input_snmp: 2, output_snmp: 3 })
        if (isIcmp(row)) expect(row).toMatchObject({ icmp_type: 8, icmp_code: 0 })
      }
      expect(log).toMatch(/Flows: 300,.* Sequence Errors: 0, Bad Packets: 0/)
    })

    test('NetFlow 9: two uniflows, options read, without a sequence error', async () => {
      const { records, log, raw } = await withNfcapd(send({ protocol: 'netflow9' }))
      const expected = flows.flatMap((flow) => [forward(flow), reverse(flow)]).map(asShown)
      expect(sorted(records.map(told))).toEqual(sorted(expected))
      expect(new Set(records.map((row) => row['type']))).toEqual(new Set(['FLOW']))
      expect(log).toMatch(/Flows: 600,.* Sequence Errors: 0, Bad Packets: 0/)
      expect(log).not.toMatch(/error:|validate_utf8|invalid/)
      // Names come by option records: each record has the one of its row.
      expect(
        raw
          .match(/app ID +=.*$/gm)
          ?.map((line) => /: (.*)\//.exec(line)?.[1])
          .toSorted()
      ).toEqual(flows.flatMap((_, i) => [`app-${i % 5}`, `app-${i % 5}`]).toSorted())
    })

    test('NetFlow 5: one record for each view, without a sequence error', async () => {
      const { records, log } = await withNfcapd(send({ protocol: 'netflow5' }))
      const isV4 = (end: string): boolean => !end.split(' ')[0]?.includes(':')
      const views = flows.flatMap((flow) => {
        const whole = forward(flow)
        const outside = { ...whole, from: whole.after, to: whole.afterTo }
        const isSame = whole.from === whole.after && whole.to === whole.afterTo
        return (isSame ? [whole] : [whole, outside]).filter(({ from }) => isV4(from))
      })
      const shown = views.map(({ from, to, protocol, octets, packets, startMs, endMs }) => ({
        from: protocol === 1 ? `${from.split(' ')[0]} ` : from,
        to: protocol === 1 ? `${to.split(' ')[0]} ` : to,
        octets: octets > 0xffffffffn ? 0xffffffffn : octets,
        packets,
        startMs,
        endMs,
      }))
      const read = records
        .map(told)
        .map(({ after: _a, afterTo: _b, protocol: _c, ...rest }) => rest)
      const withoutNat = read.map((one) => one)
      expect(sorted(withoutNat)).toEqual(sorted(shown))
      expect(log).toMatch(/Sequence Errors: 0, Bad Packets: 0/)
    })

    test('NAT events, with their kind and time', async () => {
      const { records } = await withNfcapd(async (port) => {
        const config = targetOf({
          address: `127.0.0.1:${port}`,
          records: 'nat-events',
          options: [],
        })
        const target = makeTarget(config)
        await target.open(exportUs)
        await target.tell(batch, 'whole', exportUs)
        await target.flush(exportUs)
        await target.close()
      })
      const translated = flows.filter(
        (flow) => flow.postNatSource !== undefined || flow.postNatDestination !== undefined
      )
      const events = translated.flatMap((flow) => {
        const nat64 = flow.source.includes(':')
        return [nat64 ? 6 : 4, nat64 ? 7 : 5].map(
          (event) => `${event} ${canonical(flow.postNatSource ?? flow.source)}`
        )
      })
      const read = records.map(
        (row) =>
          `${row['nat_event_id']} ${canonical(`${row['src4_xlt_ip']} ${row['src_xlt_port']}`)}`
      )
      expect(read.toSorted()).toEqual(events.toSorted())
    })
  }
)

describe.skipIf(skipUnless('program', programMissing('nfacctd')))('nfacctd (pmacct)', () => {
  const primitives = [
    'src_host',
    'dst_host',
    'src_port',
    'dst_port',
    'proto',
    'post_nat_src_host',
    'post_nat_dst_host',
    'post_nat_src_port',
    'post_nat_dst_port',
    'timestamp_start',
    'timestamp_end',
    'export_proto_seqno',
  ]

  function told(row: Row): Told {
    const time = (value: string | number | undefined): number => Math.round(Number(value) * 1000)
    // pmacct knows addresses after translation of IPv4 alone; for the others it prints nothing.
    const after = (value: string | number | undefined, before: unknown): string =>
      value === '' || value === undefined ? String(before) : String(value)
    return {
      from: canonical(`${row['ip_src']} ${row['port_src']}`),
      to: canonical(`${row['ip_dst']} ${row['port_dst']}`),
      after: canonical(
        `${after(row['post_nat_ip_src'], row['ip_src'])} ${row['post_nat_port_src']}`
      ),
      afterTo: canonical(
        `${after(row['post_nat_ip_dst'], row['ip_dst'])} ${row['post_nat_port_dst']}`
      ),
      protocol: Number(row['ip_proto']),
      octets: BigInt(row['bytes'] ?? 0),
      packets: BigInt(row['packets'] ?? 0),
      startMs: time(row['timestamp_start']),
      endMs: time(row['timestamp_end']),
    }
  }

  const isV6 = (end: string): boolean => end.includes(':')
  const addressOf = (end: string): string => end.split(' ')[0] ?? ''
  const portOf = (end: string): string => end.split(' ')[1] ?? ''

  /**
   * As pmacct keeps it: an address after translation only in the family of the flow, and times that
   * came as SysUptime in whole seconds, rounded up.
   */
  function asKept(one: Told, protocol: string): Told {
    const after = isV6(one.from) ? `${addressOf(one.from)} ${portOf(one.after)}` : one.after
    const afterTo = isV6(one.to) ? `${addressOf(one.to)} ${portOf(one.afterTo)}` : one.afterTo
    const unit = protocol === 'netflow9' ? 1000 : 1
    const kept = (atMs: number): number => Math.ceil(atMs / unit) * unit
    return { ...one, after, afterTo, startMs: kept(one.startMs), endMs: kept(one.endMs) }
  }

  test.each(['ipfix', 'netflow9'])(
    '%s: every record, with all options beside them',
    async (protocol) => {
      const given = { protocol, directions: 'forward' }
      const { records, log } = await withNfacctd(primitives, send(given), [
        'print_num_protos: true',
      ])
      const expected = flows.map((flow) => asKept(forward(flow), protocol))
      expect(sorted(records.map(told))).toEqual(sorted(expected))
      expect(log).not.toMatch(/^(WARN|ERROR)/m)
    }
  )
})

describe('node-netflowv9, in a process of its own', () => {
  test('reads NetFlow 9', async () => {
    const only = flows.filter(({ source }) => !source.includes(':'))
    const { records } = await withNodeNetflow(
      send({ protocol: 'netflow9', directions: 'forward', options: [] })
    )
    const v4 = records.filter((row) => row['ipv4_src_addr'] !== undefined)
    const read = v4.map((row) => ({
      from: canonical(`${row['ipv4_src_addr']} ${row['l4_src_port']}`),
      to: canonical(`${row['ipv4_dst_addr']} ${row['l4_dst_port']}`),
      protocol: Number(row['protocol']),
      octets: BigInt(row['in_bytes'] ?? 0),
      packets: BigInt(row['in_pkts'] ?? 0),
      startMs: Number(row['first_switched']) + bootUs / 1000,
      endMs: Number(row['last_switched']) + bootUs / 1000,
    }))
    const expected = only.map(forward).map(({ after: _a, afterTo: _b, ...rest }) => rest)
    expect(sorted(read)).toEqual(sorted(expected))
    expect(records).toHaveLength(flows.length)
  })
})

describe.skipIf(skipUnless('program', programMissing('tshark')))('tshark', () => {
  /** The records of a flow by protocol, without what tells of the answer. */
  const wanted: Readonly<Record<string, readonly Told[]>> = {
    ipfix: flows.map(forward),
    netflow9: flows.flatMap((flow) => [forward(flow), reverse(flow)]),
    netflow5: flows.flatMap((flow) => {
      const whole = forward(flow)
      const outside = { ...whole, from: whole.after, to: whole.afterTo }
      const isSame = whole.from === whole.after && whole.to === whole.afterTo
      return (isSame ? [whole] : [whole, outside])
        .filter(({ from }) => !from.split(' ')[0]?.includes(':'))
        .map((view) => asNetflow5(view))
    }),
  }

  function asNetflow5(view: Told): Told {
    const address = (end: string): string => end.split(' ')[0] ?? ''
    const isIcmp = view.protocol === 1
    // Type 8, code 0: the destination's port is 8 * 256.
    const from = isIcmp ? `${address(view.from)} 0` : view.from
    const to = isIcmp ? `${address(view.to)} 2048` : view.to
    const octets = view.octets > 0xffffffffn ? 0xffffffffn : view.octets
    return { ...view, from, to, after: from, afterTo: to, octets }
  }

  test.each(['ipfix', 'netflow9', 'netflow5'])('%s: every field of every record', (protocol) => {
    const { raw } = encode({ protocol }, [batch])
    const { packets, text } = tshark({ datagrams: raw })
    expect(packets).toHaveLength(raw.length)
    expect(text).not.toMatch(/[Mm]alformed|No template|not available|exceeds|_ws\.expert\.group/)
    const read = recordsOf(packets, bootUs / 1000)
    const told = read.map(
      ({
        reverseOctets: _a,
        reversePackets: _b,
        direction: _c,
        from,
        to,
        after,
        afterTo,
        ...rest
      }) => ({
        from: canonical(from),
        to: canonical(to),
        after: canonical(after),
        afterTo: canonical(afterTo),
        ...rest,
      })
    )
    expect(sorted(told)).toEqual(sorted(wanted[protocol] ?? []))
    if (protocol !== 'ipfix') return
    const answers = read.map((one) => `${one.from} ${one.reversePackets} ${one.reverseOctets}`)
    expect(answers.toSorted()).toEqual(
      flows.map((flow) => `${flow.source} ${flow.reversePackets} ${flow.reverseOctets}`).toSorted()
    )
    expect(new Set(read.map(({ direction }) => direction))).toEqual(new Set([1]))
  })
})
