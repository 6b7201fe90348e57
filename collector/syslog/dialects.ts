import { a10 } from './a10.ts'
import { ciscoAsa } from './cisco-asa.ts'
import { ciscoIos } from './cisco-ios.ts'
import { conntrackLines } from './conntrack-lines.ts'
import type { NatDialect } from './dialect.ts'
import { econat } from './econat.ts'
import { f5 } from './f5.ts'
import { jool } from './jool.ts'
import { juniperServices } from './juniper-services.ts'
import { juniper } from './juniper.ts'
import { linuxLog } from './linux-log.ts'
import { mikrotik } from './mikrotik.ts'
import { natlog } from './natlog.ts'
import { nfware } from './nfware.ts'
import { sixwind } from './sixwind.ts'
import { ulogd } from './ulogd.ts'
import type { NatVendor } from '../../model/syslog-sources.ts'

/** Every vendor: one file each, one line here, and one in model/syslog-sources.ts. */
export const natDialects: Readonly<Record<NatVendor, NatDialect>> = {
  juniper,
  'juniper-services': juniperServices,
  a10,
  f5,
  nfware,
  sixwind,
  'cisco-asa': ciscoAsa,
  'cisco-ios': ciscoIos,
  mikrotik,
  econat,
  natlog,
  'linux-log': linuxLog,
  conntrack: conntrackLines,
  ulogd,
  jool,
}
