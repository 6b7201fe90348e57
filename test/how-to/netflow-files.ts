import { ethernet, ip4, pcapng, udp } from '../collector/capture/build.ts'
import {
  flowFields,
  flowRecord,
  ip,
  ipfix,
  set,
  template,
  u,
} from '../collector/netflow/messages.ts'

const now = Math.floor(Date.now() / 1000)

/** An event of RFC 8158, 4.1.13: more sessions than the gateway has room for. */
const quotaFields = [
  [323, 8],
  [230, 1],
  [466, 4],
  [471, 4],
  [8, 4],
] as const
const quota = Buffer.concat([u(now * 1000, 8), u(13, 1), u(1, 4), u(1000, 4), ip('10.0.0.7')])

/** Two templates of IPFIX. */
export const templates = ipfix(
  { seconds: now },
  set(2, template(256, flowFields), template(257, quotaFields))
)

/** A flow and an event by these templates. */
export const data = ipfix(
  { seconds: now },
  set(256, flowRecord({ startMs: now * 1000 - 9000, endMs: now * 1000 - 1000 })),
  set(257, quota)
)

const frame = (payload: Buffer): Uint8Array => ethernet(0x0800, ip4(udp(payload, 2055)))

/** Both as they were on the wire. */
export const capture = pcapng(
  [templates, data].map((payload) => ({ octets: frame(payload), timeUs: now * 1e6 }))
)
