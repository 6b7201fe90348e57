import type { Metadata } from '../../model/classification.ts'
import type { StreamedFlow } from '../../model/streamed-flow.ts'

type Json = Readonly<Record<string, unknown>>

/** What each risk was seen by, in the stream's own names. */
const seenBy: Readonly<Record<string, (metadata: Metadata, flow: StreamedFlow) => Json>> = {
  'obsolete-ssh': ({ sshClient, sshServer }) => ({
    ssh_client: sshClient,
    ssh_server: sshServer,
  }),
  'obsolete-tls': ({ tlsVersion }) => ({ ssl_version: tlsVersion }),
  'weak-cipher': ({ tlsCipher }) => ({ ssl_cipher: tlsCipher }),
  'certificate-expired': ({ certificateNotBefore, certificateNotAfter }) => ({
    not_before: certificateNotBefore,
    not_after: certificateNotAfter,
  }),
  'certificate-self-signed': ({ certificateSubject, certificateIssuer }) => ({
    subject_dn: certificateSubject,
    issuer_dn: certificateIssuer,
  }),
  'certificate-mismatch': ({ hostname, certificateNames }) => ({
    detected_hostname: hostname,
    names: certificateNames,
  }),
  'clear-text-credentials': (_, { protocol }) => ({ protocol }),
  'odd-port': (_, { protocol, other }) => ({ protocol, other_port: other.port }),
  'obsolete-protocol': ({ version }, { protocol }) => ({ protocol, version }),
}

/** What is worth a second look about a flow, and by which values; there are no scores. */
export function intelMessage(flow: StreamedFlow): string {
  const intel = flow.risks.map((risk) => ({
    category: 'risk',
    indicator: risk,
    indicator_driver: 'flowledger',
    event: 'dpi_complete',
    criteria: seenBy[risk]?.(flow.metadata, flow) ?? {},
  }))
  const head = { interface: flow.interface ?? '', internal: flow.otherType === 'local' }
  const about = { flow_metadata: 'none', flow: { digest: flow.digest } }
  return `${JSON.stringify({ type: 'flow_intel', ...head, ...about, intel })}\n`
}
