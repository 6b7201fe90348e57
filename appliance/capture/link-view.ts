import type { Flow } from '../../classifier/flow.ts'
import type { LocalNetworks } from '../../classifier/local-networks.ts'
import type { ClassifiedFlow } from '../../model/classified-flow.ts'
import { ipProtocol } from '../../model/packet.ts'
import type { GtpTunnel } from '../../model/packet.ts'
import type { GtpEnd, StreamedFlow, StreamedGtp } from '../../model/streamed-flow.ts'
import type { LinkWatch } from './link-watch.ts'

type LinkView = Partial<Pick<StreamedFlow, 'interface' | 'local' | 'other' | 'segments' | 'gtp'>>

/** What links, tunnels and segments told of a flow; what nobody saw is left out. */
export function linkView(
  links: LinkWatch,
  flow: Flow,
  { local, other, origin }: ClassifiedFlow,
  networks: LocalNetworks
): LinkView {
  const sight = links.of(flow)
  if (sight === undefined) return {}
  const { clientInterface, serverInterface, clientMac, serverMac } = sight
  const { clientGtp, serverGtp, resets, repeated, gaps } = sight
  const isClientLocal = origin !== 'other'
  const ownInterface = links.nameOf(isClientLocal ? clientInterface : serverInterface)
  return {
    interface: ownInterface ?? links.nameOf(isClientLocal ? serverInterface : clientInterface),
    local: { ...local, mac: isClientLocal ? clientMac : serverMac },
    other: { ...other, mac: isClientLocal ? serverMac : clientMac },
    segments: flow.protocol === ipProtocol.tcp ? { resets, repeated, gaps } : undefined,
    gtp: isClientLocal
      ? gtpView(clientGtp, serverGtp, networks)
      : gtpView(serverGtp, clientGtp, networks),
  }
}

/**
 * The tunnel from the local end's side: its packets leave by one tunnel and come back by another,
 * each of which has its number from who receives by it (3GPP TS 29.281 §4.2.2).
 */
function gtpView(
  out: GtpTunnel | undefined,
  back: GtpTunnel | undefined,
  networks: LocalNetworks
): StreamedGtp | undefined {
  const tunnel = out ?? back
  if (tunnel === undefined) return undefined
  const { version, isV6, dscp, source, sourcePort, destination, destinationPort } = tunnel
  const from: GtpEnd = { address: source, port: sourcePort, teid: back?.teid }
  const to: GtpEnd = { address: destination, port: destinationPort, teid: out?.teid }
  const isOut = tunnel === out
  const local = isOut ? from : { ...to, teid: back?.teid }
  const other = isOut ? to : { ...from, teid: out?.teid }
  const otherType = networks.typeOf(other.address)
  return { version, ipVersion: isV6 ? 6 : 4, dscp, local, other, otherType }
}
