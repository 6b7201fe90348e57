import { expect, test } from 'vitest'
import { parseZone } from '../../../model/time-zone.ts'
import { readLines } from './reading.ts'

const zone = parseZone('UTC')
const head = 'Mar  1 12:00:00 cgn1'

// Of these makers, but of no kind that anybody described: they may tell of a mapping.
test.each([
  'NAT-TCP-X: 10.0.0.5:51000 -> 192.0.2.1:20000',
  'CEF:0|A10|CFW|6.0.0|CGN 199|Nat Port Moved|5|proto=TCP src=10.0.0.5',
  '%IPNAT-6-MOVED: tcp 10.0.0.5:51000 192.0.2.1:20000 203.0.113.7:443 203.0.113.7:443',
  'LSN_MOVED 10.0.0.5%0:51000 TCP 192.0.2.1:20000',
  'LSN_PB_MOVED 10.0.0.5 192.0.2.1:1024-1151',
  'lsn_event="LSN_PB_MOVED",lsn_client="10.0.0.5",lsn_pb="192.0.2.1: 1024-1151"',
  '{ss1}[jservices-nat]: JSERVICES_NAT_MOVED: 10.0.0.5 -> 192.0.2.1:1024-1151',
  '{ss1}[FWNAT]: ASP_SFW_CREATE_ACCEPT_FLOW: proto 6 (TCP) application: any, ge-0/0/0.0:' +
    '203.0.113.7:443 -> 192.0.2.1:80, creating forward or watch flow ; ' +
    'destination address and port translate to 10.0.0.5:8080',
  'RT_FLOW: RT_FLOW_SESSION_MOVED: session moved 10.0.0.5/51000->203.0.113.7/443',
  'RT_NAT: RT_SRC_NAT_MOVED: 10.0.0.5',
  'fp-cgnat[1]: MOVE CONN: fwd proto 6 10.0.0.5:51000 -> 203.0.113.7:443',
  'fp-cgnat[1]: USER 10.0.0.5 (matching rule 1): MOVE BLOCK (pool "p")',
])('a kind that is not known is counted and shown: %s', (message) => {
  const { events, source } = readLines([`${head} ${message}`], { zone })
  expect(events).toEqual([])
  expect(source.counters).toMatchObject({ unknown: 1, passed: 0, malformed: 0 })
  expect(source.samples.unknown).toEqual([`${head} ${message}`])
})

test('what is known to tell of no mapping is passed over', () => {
  const flow =
    `${head} {ss1}[FWNAT]: ASP_SFW_CREATE_ACCEPT_FLOW: proto 6 (TCP) application: any, ` +
    'ge-0/0/0.0:10.0.0.5:51000 -> 203.0.113.7:443, creating forward or watch flow'
  const denied = `${head} RT_FLOW: RT_FLOW_SESSION_DENY: session denied 10.0.0.5/51000->203.0.113.7/443`
  const { source } = readLines([flow, denied], { zone })
  expect(source.counters).toMatchObject({ unknown: 0, passed: 2, malformed: 0 })
})

test('a kind that is known and cannot be read is malformed', () => {
  const { source } = readLines([`${head} NAT-TCP-C 10.0.0.5:51000 -> 192.0.2.1:20000`], { zone })
  expect(source.counters).toMatchObject({ unknown: 0, passed: 0, malformed: 1 })
})
