import { ianaElements } from '../../model/information-elements.ts'
import type { ElementType, InformationElement } from '../../model/information-elements.ts'
import { reversePen } from '../../model/fields.ts'

/** Enterprise numbers under which gateways put elements that the ledger understands. */
export const enterprises = { cisco: 9, nokia: 637, cert: 6871, reverse: reversePen } as const

/**
 * Elements of enterprises, `pen:id`. Of NetFlow v9, which has no enterprises, those that vendors
 * took from above IANA's range stand under the number 0.
 */
const vendorTable: Readonly<Record<string, readonly [name: string, type: ElementType]>> = {
  // Cisco ASA, NetFlow Secure Event Logging; 40001 to 40005 until release 8.4.
  '0:33000': ['ingressAclId', 'octets'],
  '0:33001': ['egressAclId', 'octets'],
  '0:33002': ['firewallExtendedEvent', 'u'],
  '0:40000': ['userName', 'string'],
  '0:40001': ['postNATSourceIPv4Address', 'ip'],
  '0:40002': ['postNATDestinationIPv4Address', 'ip'],
  '0:40003': ['postNAPTSourceTransportPort', 'u'],
  '0:40004': ['postNAPTDestinationTransportPort', 'u'],
  '0:40005': ['firewallEvent', 'u'],
  // Palo Alto Networks.
  '0:56701': ['panAppId', 'string'],
  '0:56702': ['panUserId', 'string'],
  // nProbe.
  '0:57590': ['l7Protocol', 'u'],
  '0:57591': ['l7ProtocolName', 'string'],
  '35632:118': ['l7Protocol', 'u'],
  '35632:119': ['l7ProtocolName', 'string'],
  // Nokia 7750, large scale NAT.
  '637:91': ['natInsideServiceId', 'u'],
  '637:92': ['natOutsideServiceId', 'u'],
  '637:93': ['natSubString', 'string'],
  // CERT (YAF).
  '6871:14': ['initialTCPFlags', 'u'],
  '6871:15': ['unionTCPFlags', 'u'],
  '6871:21': ['reverseFlowDeltaMilliseconds', 'u'],
  '6871:33': ['silkAppLabel', 'u'],
  '6871:35': ['payloadEntropy', 'u'],
  '6871:36': ['payload', 'octets'],
  '6871:40': ['flowAttributes', 'u'],
}

/** Names that exporters have given elements of their own (RFC 5610), by `pen:id`. */
export type LearntElements = Map<string, InformationElement>

/** What an element is; undefined where nobody has said. */
export function elementOf(
  pen: number,
  id: number,
  learnt?: LearntElements
): InformationElement | undefined {
  if (pen === 0 && ianaElements.has(id)) return ianaElements.get(id)
  if (pen === enterprises.reverse) return reverseOf(ianaElements.get(id))
  // CERT tells the reverse direction of its own elements by bit 14 of their number.
  if (pen === enterprises.cert && (id & 0x4000) !== 0) return reverseOf(elementOf(pen, id & 0x3fff))
  const own = vendorTable[`${pen}:${id}`]
  if (own !== undefined) return { name: own[0], type: own[1] }
  return learnt?.get(`${pen}:${id}`)
}

/** RFC 5103 §6.1: the element of the reverse direction. */
function reverseOf(forward: InformationElement | undefined): InformationElement | undefined {
  if (forward === undefined) return undefined
  const name = `reverse${forward.name.charAt(0).toUpperCase()}${forward.name.slice(1)}`
  return { name, type: forward.type }
}

/** The name of an element in JSON: IANA's, in snake_case; what nobody knows by its numbers. */
export function jsonNameOf(pen: number, id: number, learnt?: LearntElements): string {
  const element = elementOf(pen, id, learnt)
  if (element === undefined) return pen === 0 ? `element_${id}` : `enterprise_${pen}_${id}`
  return snakeCase(element.name)
}

const snakeNames = new Map<string, string>()

/** `postNATSourceIPv4Address` is `post_nat_source_ipv4_address`. */
export function snakeCase(name: string): string {
  const known = snakeNames.get(name)
  if (known !== undefined) return known
  const made = name
    .replaceAll(/IPv([46])/g, 'Ipv$1')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
  if (snakeNames.size < 10_000) snakeNames.set(name, made)
  return made
}
