import type { AddressWords } from '../model/address.ts'
import { FlowledgerError } from '../model/errors.ts'
import { parseEndpointText } from '../model/endpoint-text.ts'
import type { EndpointText } from '../model/endpoint-text.ts'
import type { Flow } from './flow.ts'

/** Tells whether a flow is one that was asked for. */
export type FlowMatcher = (flow: Flow) => boolean

/**
 * Reads which flow is meant: an end, as `ip` or `ip:port`, or both with a space between, in
 * whichever order.
 *
 * @throws FlowledgerError `address-invalid`, `usage` where it is not one end or two
 */
export function flowMatcher(text: string): FlowMatcher {
  const words = text.trim().split(/\s+/)
  if (words.length > 2) {
    throw new FlowledgerError('usage', 'A flow has two ends.', {
      fix: "Write one end or both, such as '192.0.2.7:40000 198.51.100.1:443'.",
    })
  }
  const [one, other] = words.map((word) => parseEndpointText(word))
  return (flow) => {
    const { clientAddress, clientPort, serverAddress, serverPort } = flow
    const isClient = (end: EndpointText | undefined): boolean =>
      end === undefined || isEnd(end, clientAddress, clientPort)
    const isServer = (end: EndpointText | undefined): boolean =>
      end === undefined || isEnd(end, serverAddress, serverPort)
    return (isClient(one) && isServer(other)) || (isServer(one) && isClient(other))
  }
}

function isEnd({ ip, port }: EndpointText, address: AddressWords, own: number): boolean {
  return (port === undefined || port === own) && ip.every((word, i) => word === address[i])
}
