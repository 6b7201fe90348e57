import type { ExportTarget, ExportTransport } from '../model/export-targets.ts'
import type { Transport } from './transport.ts'
import { file } from './transports/file.ts'
import { tcp } from './transports/tcp.ts'
import { tls } from './transports/tls.ts'
import { udp } from './transports/udp.ts'

/** Every way to a target: one file each, one line here. */
export const transports: Readonly<Record<ExportTransport, (target: ExportTarget) => Transport>> = {
  udp,
  tcp,
  tls,
  file,
}
