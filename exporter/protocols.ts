import type { ExportProtocol } from '../model/export-targets.ts'
import type { Protocol } from './protocol.ts'
import { ipfix } from './protocols/ipfix.ts'
import { netflow5 } from './protocols/netflow5.ts'
import { netflow9 } from './protocols/netflow9.ts'

/** Every protocol that flows are exported in: one file each, one line here. */
export const protocols: Readonly<Record<ExportProtocol, Protocol>> = {
  ipfix,
  netflow9,
  netflow5,
}
