import type { IdentityFileKind } from '../../model/identity-sources.ts'
import { DhcpdReader } from './dhcpd.ts'
import { DnsmasqReader } from './dnsmasq.ts'
import { HostapdReader } from './hostapd.ts'
import { KeaLegalReader } from './kea-legal.ts'
import { KeaReader } from './kea.ts'
import { LoginsReader } from './logins.ts'
import { RadacctReader } from './radacct.ts'
import { RadiusDetailReader } from './radius-detail.ts'
import type { IdentityReader, ReaderOptions } from './reader.ts'

/** Every format: one file each, one line here. */
export const identityFormats: Readonly<
  Record<IdentityFileKind, new (options: ReaderOptions) => IdentityReader>
> = {
  dhcpd: DhcpdReader,
  kea: KeaReader,
  'kea-legal': KeaLegalReader,
  dnsmasq: DnsmasqReader,
  'radius-detail': RadiusDetailReader,
  radacct: RadacctReader,
  logins: LoginsReader,
  hostapd: HostapdReader,
}
